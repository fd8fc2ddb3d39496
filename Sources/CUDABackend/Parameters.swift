import CGPUKernels
import ComputeGraph
import System
import Tensors

/// A weight in the GPU's memory, in Keras's layout.
final class CUDAWeight: Weight {
    let shape: Shape
    let address: DeviceAddress
    /// Changes whenever the values may have changed, so that plans renew their packed copies.
    fileprivate(set) var version = 0
    /// The block that the weight lies in.
    private let block: DeviceBuffer
    private let device: Device

    init(shape: Shape, block: DeviceBuffer, offset: Int, device: Device) {
        self.shape = shape
        self.block = block
        self.device = device
        address = block.address.advanced(bytes: offset * 4)
    }

    func read() -> Tensor {
        device.exclusivelyOrStop { Tensor(shape: shape, scalars: try device.read(address, count: shape.count)) }
    }

    fileprivate func write(_ value: Tensor, name: String) {
        guard value.shape == shape else { stop("\(name) is \(shape), but is given \(value.shape)") }
        device.exclusivelyOrStop { try device.write(value.scalars, to: address) }
        version &+= 1
    }

    func didChange() { version &+= 1 }
}

/// Parameters in the GPU's memory, in Keras's layouts.
///
/// All gradients are in one block, and the optimizer's slots in another, one slot after the other at the gradients' offsets.
/// Weights are at the same offsets in a block of their own, except those that another graph has allocated.
final class CUDAParameters: ParameterStorage {
    let gradients: DeviceBuffer
    private let parameters: [Graph.Parameter]
    private let weights: [CUDAWeight]
    private let offsets: [Int]
    /// The number of floats of a block.
    let size: Int
    private var slots: DeviceBuffer?
    private(set) var slotCount = 0
    private let chunks: DeviceBuffer
    private let chunkCount: Int
    /// The penalties of the chunks, as doubles.
    private let penalties: DeviceBuffer, penaltiesStaging: PinnedBuffer
    /// Whether a block of threads has found a number that is not finite.
    private let flags: DeviceBuffer
    private let program: DeviceBuffer, programStaging: PinnedBuffer
    /// The optimizer's step that is in ``program``.
    private var uploadedRule: UpdateRule?
    private let device: Device
    private let kernels: KernelModule

    /// No chunk has more elements, so that there is a block of threads for every few of them.
    private static let chunkSize = 1024
    private static let mostFlags = 256

    init(
        _ graph: Graph, sharing shared: [ParameterID: any Weight], device: Device, kernels: KernelModule
    ) throws {
        self.device = device
        self.kernels = kernels
        parameters = graph.parameters
        // Every parameter starts at a multiple of 64 floats, as libraries like it.
        var offsets: [Int] = [], size = 0
        for parameter in parameters {
            offsets.append(size)
            size += (parameter.shape.count + 63) / 64 * 64
        }
        self.offsets = offsets
        self.size = size
        gradients = try DeviceBuffer(device, bytes: size * 4)
        let existing = graph.parameterIDs.map { parameter -> CUDAWeight? in
            guard let weight = shared[parameter] as? CUDAWeight, weight.shape == graph[parameter].shape else {
                return nil
            }
            return weight
        }
        // Nothing is allocated if other graphs have allocated everything.
        let block = try DeviceBuffer(device, bytes: existing.allSatisfy { $0 != nil } ? 0 : size * 4)
        let weights = existing.enumerated().map { index, weight in
            weight
                ?? CUDAWeight(
                    shape: graph.parameters[index].shape, block: block, offset: offsets[index], device: device)
        }
        self.weights = weights
        program = try DeviceBuffer(device, bytes: MemoryLayout<GPUUpdateProgram>.size)
        flags = try DeviceBuffer(device, bytes: Self.mostFlags * 4)
        programStaging = try PinnedBuffer(device, bytes: MemoryLayout<GPUUpdateProgram>.size)

        let start = gradients.address
        let chunks = graph.parameterIDs.flatMap { parameter in
            stride(from: 0, to: graph[parameter].shape.count, by: Self.chunkSize).map { first in
                let weight = weights[parameter.index].address.advanced(bytes: first * 4)
                let penalty = graph[parameter].penalty
                return GPUChunk(
                    weight: Int64(bitPattern: weight.raw &- start.raw) / 4,
                    offset: Int32(offsets[parameter.index] + first),
                    count: Int32(min(Self.chunkSize, graph[parameter].shape.count - first)), l1: penalty.l1,
                    l2: penalty.l2, trainable: graph[parameter].isTrainable ? 1 : 0, parameter: Int32(parameter.index))
            }
        }
        chunkCount = chunks.count
        self.chunks = try device.table(chunks)
        penalties = try DeviceBuffer(device, bytes: chunks.count * 8)
        penaltiesStaging = try PinnedBuffer(device, bytes: chunks.count * 8)
        try device.exclusively {
            try device.clear(gradients.address, bytes: size * 4)
            try device.clear(block.address, bytes: block.bytes)
            try device.synchronize()
        }
        for (parameter, weight) in shared where existing[parameter.index] == nil {
            weights[parameter.index].write(weight.read(), name: graph[parameter].name)
        }
    }

    // MARK: - Plans read weights and write gradients in place

    func weightAddress(_ parameter: ParameterID) -> DeviceAddress { weights[parameter.index].address }
    func gradientAddress(_ parameter: ParameterID) -> DeviceAddress {
        gradients.address.advanced(bytes: offsets[parameter.index] * 4)
    }
    func gradientOffset(_ parameter: ParameterID) -> Int { offsets[parameter.index] }
    /// The weight's distance from the block of gradients, in floats.
    func weightDistance(_ parameter: ParameterID) -> Int {
        Int(Int64(bitPattern: weightAddress(parameter).raw &- gradients.address.raw)) / 4
    }
    /// Call it after writing to ``weightAddress(_:)``.
    func weightDidChange(_ parameter: ParameterID) { weights[parameter.index].didChange() }

    // MARK: - ParameterStorage

    func memory(of parameter: ParameterID) -> any Weight { weights[parameter.index] }
    func weight(_ parameter: ParameterID) -> Tensor { weights[parameter.index].read() }
    func setWeight(_ parameter: ParameterID, to value: Tensor) {
        weights[parameter.index].write(value, name: parameters[parameter.index].name)
    }

    func gradient(_ parameter: ParameterID) -> Tensor { tensor(gradientAddress(parameter), parameter) }

    /// Also changes when another graph changes a weight that both share.
    var version: Int { weights.reduce(0) { $0 &+ $1.version } }

    func isWeightFinite(_ parameter: ParameterID) -> Bool { isFinite(weightAddress(parameter), count(parameter)) }
    func isGradientFinite(_ parameter: ParameterID) -> Bool { isFinite(gradientAddress(parameter), count(parameter)) }

    private func isFinite(_ address: DeviceAddress, _ count: Int) -> Bool {
        device.exclusivelyOrStop {
            let blocks = min((count + 1023) / 1024, Self.mostFlags)
            try kernels.launch("not_finite", grid: (blocks, 1), threads: 256, flags.address, address, Int32(count))
            // The flags are whole numbers, whose bits are 0 if nothing was found.
            return try device.read(flags.address, count: blocks).allSatisfy { $0.bitPattern == 0 }
        }
    }

    func withGradients<Result>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> Result) rethrows -> Result {
        let bytes = size * 4
        let staging = device.exclusivelyOrStop {
            let staging = try PinnedBuffer(device, bytes: bytes)
            try device.download(gradients.address, to: staging, bytes: bytes)
            try device.synchronize()
            return staging
        }
        let result = try body(staging.floats(size))
        device.exclusivelyOrStop {
            try device.upload(staging, to: gradients.address, bytes: bytes)
            try device.synchronize()
        }
        return result
    }

    func gradientRange(of parameter: ParameterID) -> Range<Int> {
        offsets[parameter.index]..<offsets[parameter.index] + count(parameter)
    }

    func makeSlots(count: Int, value: Float) {
        device.exclusivelyOrStop {
            slots = nil
            slotCount = count
            guard count > 0 else { return }
            let slots = try DeviceBuffer(device, bytes: count * size * 4)
            let driver = device.libraries.driver
            try device.check(
                driver.cuMemsetD32Async(slots.address.raw, value.bitPattern, count * size, device.stream), "cuMemsetD32"
            )
            try device.synchronize()
            self.slots = slots
        }
    }

    func slot(_ slot: Int, of parameter: ParameterID) -> Tensor { tensor(slotAddress(slot, parameter), parameter) }

    func setSlot(_ slot: Int, of parameter: ParameterID, to value: Tensor) {
        let (name, shape) = (parameters[parameter.index].name, parameters[parameter.index].shape)
        guard value.shape == shape else { stop("a slot of \(name) is \(shape), but is given \(value.shape)") }
        device.exclusivelyOrStop { try device.write(value.scalars, to: slotAddress(slot, parameter)) }
    }

    private func slotAddress(_ slot: Int, _ parameter: ParameterID) -> DeviceAddress {
        guard let slots, slot < slotCount else { stop("there is no slot \(slot) among \(slotCount)") }
        return slots.address.advanced(bytes: (slot * size + offsets[parameter.index]) * 4)
    }

    private func count(_ parameter: ParameterID) -> Int { parameters[parameter.index].shape.count }

    private func tensor(_ address: DeviceAddress, _ parameter: ParameterID) -> Tensor {
        let shape = parameters[parameter.index].shape
        return device.exclusivelyOrStop { Tensor(shape: shape, scalars: try device.read(address, count: shape.count)) }
    }

    // MARK: - Penalties

    private var hasPenalties: Bool { parameters.contains { $0.penalty != .none } }

    func penalty(includingFrozen: Bool) -> Double {
        guard hasPenalties else { return 0 }
        return device.exclusivelyOrStop {
            try kernels.launch(
                "penalty_sums", grid: (chunkCount, 1), threads: 256, penalties.address, chunks.address,
                gradients.address,
                includingFrozen.flag)
            try device.download(penalties.address, to: penaltiesStaging, bytes: chunkCount * 8)
            try device.synchronize()
            let sums = UnsafeBufferPointer(
                start: penaltiesStaging.pointer.assumingMemoryBound(to: Double.self), count: chunkCount)
            return sums.reduce(0, +)
        }
    }

    func addPenaltyGradients() {
        guard hasPenalties else { return }
        device.exclusivelyOrStop {
            try kernels.launch(
                "add_penalty_gradients", grid: (chunkCount, 1), threads: 256, gradients.address, chunks.address,
                Int32(chunkCount), gradients.address)
        }
    }

    // MARK: - Update

    func update(_ rule: UpdateRule, addingPenalties: Bool) {
        guard slotCount >= rule.slotCount else {
            stop("an optimizer with \(slotCount) slots gave a step that needs \(rule.slotCount)")
        }
        guard chunkCount > 0 else { return }
        device.exclusivelyOrStop {
            if uploadedRule != rule {
                // A copy that has not happened yet reads the same memory.
                try device.synchronize()
                programStaging.pointer.storeBytes(of: try GPUUpdateProgram(rule), as: GPUUpdateProgram.self)
                try device.upload(
                    programStaging, to: program.address, bytes: MemoryLayout<GPUUpdateProgram>.size)
                uploadedRule = rule
            }
            try kernels.launch(
                "update", grid: (chunkCount, 1), threads: 256, chunks.address, Int32(chunkCount), gradients.address,
                gradients.address, slots?.address ?? .null, Int64(size), program.address,
                addingPenalties.flag)
        }
        for (parameter, weight) in zip(parameters, weights) where parameter.isTrainable { weight.didChange() }
    }
}
