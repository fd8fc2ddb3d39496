import CGPUKernels
import ComputeGraph
import Tensors

/// A graph with memory on the GPU for batches of one size. It walks through the nodes, forward in order and backward in
/// reverse, and records what that enqueues; from then on a step is one call, after one that fills the inputs.
final class CUDAPlan: Plan {
    private let analyzed: AnalyzedGraph
    private let parameters: CUDAParameters
    private let device: Device
    private let module: KernelModule

    /// The signals by node; `nil` for a node that nothing needs, or that is computed together with the next one.
    private let signals: [Signal?]
    /// The kernels in the order of the nodes, with the signals that they write.
    private let kernels: [(kernel: any Kernel, output: Signal, isInBackward: Bool)]
    private let objectives: [ObjectiveKernel]
    private let packed: PackedKernels
    /// Keeps the memory that the recorded work uses.
    private let scratch: Scratch
    /// The moving statistics, which a training step changes.
    private let statistics: [ParameterID]

    private let inputs: [HostSide?], outputs: [HostSide], gradients: [HostSide?]
    /// The only input, if that is images.
    private let imageInput: ImageInput?
    private let stepNumbers: DeviceBuffer, stepNumbersStaging: PinnedBuffer
    /// The weights of the samples; made for the first batch that has some.
    private var sampleWeights: SampleWeights?
    private var hasRun = false
    /// What is recorded of batches without weights of samples, and of batches with: `nil` if it cannot be.
    private var work: [Bool: RecordedWork?] = [:]

    init(_ analyzed: AnalyzedGraph, parameters: CUDAParameters, device: Device, precision: Precision) throws {
        self.analyzed = analyzed
        self.parameters = parameters
        self.device = device
        let module = try device.kernels(precision)
        self.module = module
        let graph = analyzed.graph
        let scratch = Scratch(device)
        self.scratch = scratch
        let packed = PackedKernels(
            parameters: parameters, device: device, kernels: module, elementSize: precision.elementSize)
        self.packed = packed
        let stepNumbers = try DeviceBuffer(device, bytes: MemoryLayout<GPUStepNumbers>.size)
        self.stepNumbers = stepNumbers
        stepNumbersStaging = try PinnedBuffer(device, bytes: MemoryLayout<GPUStepNumbers>.size)
        let context = KernelContext(
            device: device, precision: precision, isTraining: analyzed.isTraining, module: module, scratch: scratch,
            packed: packed, stepNumbers: stepNumbers.address)

        var signals = [Signal?](repeating: nil, count: graph.nodes.count)
        var kernels: [(any Kernel, Signal, Bool)] = []
        var fused = Set<NodeID>()
        for node in analyzed.needed {
            let inputs = graph[node].inputs.compactMap { signals[$0.index] }
            // The node before has computed it.
            if fused.contains(node) { continue }
            let shape = analyzed.batchShape(of: node)
            if analyzed.onlyReshapes(node), let input = inputs.first {
                signals[node.index] = input.reshaped(shape)
                continue
            }
            try Device.requireIndexable(shape.count, "an output \(shape) of '\(graph[node].name)'")
            let needsGradient = analyzed.needsGradient(node)
            let output = try Signal(
                shape: shape, elementSize: precision.elementSize, needsGradient: needsGradient, device: device)
            signals[node.index] = output
            let relu = analyzed.fusedReLU(after: node)
            if let relu {
                fused.insert(relu)
                signals[relu.index] = output
            }
            let weights = graph[node].parameters.map { parameter in
                Weights(
                    values: parameters.weightAddress(parameter),
                    gradient: analyzed.isTrainable(parameter) ? parameters.gradientAddress(parameter) : nil,
                    id: parameter)
            }
            let kernel = try makeKernel(
                graph[node].operation, node: node, inputs: inputs, output: output, weights: weights,
                relu: relu != nil, context: context)
            kernels.append((kernel, output, needsGradient))
        }
        self.signals = signals
        self.kernels = kernels
        statistics = analyzed.isTraining ? graph.movingStatistics : []
        objectives = try analyzed.mode.objectives.compactMap { objective in
            try signals[objective.node.index].map {
                try ObjectiveKernel(objective, signal: $0, device: device, module: module)
            }
        }
        func hostSide(_ node: NodeID) throws -> HostSide? {
            try signals[node.index].map { try HostSide(shape: $0.shape, precision: precision, device: device) }
        }
        inputs = try graph.inputs.map(hostSide)
        imageInput =
            graph.inputs.count == 1 && graph[graph.inputs[0]].shape.rank == 3
            ? signals[graph.inputs[0].index].map { ImageInput($0, device: device, module: module) } : nil
        outputs = try analyzed.mode.outputs.compactMap(hostSide)
        gradients = try analyzed.mode.gradients.map { signals[$0.index]?.gradient == nil ? nil : try hostSide($0) }
        try scratch.allocate()
        try packed.allocate()
    }

    func predict(_ inputs: [Tensor]) throws -> [Tensor] {
        try analyzed.check(inputs: inputs)
        return try device.exclusively {
            try run(targets: [], sampleWeights: nil, dropout: nil) { try upload(inputs) }
            return outputs.map(\.tensor)
        }
    }

    func step(
        _ inputs: [Tensor], targets: [Tensor], sampleWeights: [Float]?, dropout: RandomStream?,
        shared: (any SharedStep)?
    ) throws -> StepResult {
        try requireAlone(shared)
        try analyzed.check(inputs: inputs, targets: targets, sampleWeights: sampleWeights, dropout: dropout)
        return try device.exclusively {
            try run(targets: targets, sampleWeights: sampleWeights, dropout: dropout) { try upload(inputs) }
            return result
        }
    }

    var takesStoredImages: Bool { imageInput != nil }

    func step(
        _ images: StoredImages, targets: [Tensor], sampleWeights: [Float]?, dropout: RandomStream?,
        shared: (any SharedStep)?, meanwhile: () throws -> Void
    ) throws -> StepResult {
        guard let imageInput else {
            return try step(
                [images.tensor], targets: targets, sampleWeights: sampleWeights, dropout: dropout, shared: shared)
        }
        try requireAlone(shared)
        try analyzed.check(images: images, targets: targets, sampleWeights: sampleWeights, dropout: dropout)
        return try device.exclusively {
            try run(targets: targets, sampleWeights: sampleWeights, dropout: dropout, meanwhile: meanwhile) {
                try imageInput.forward(images)
            }
            return result
        }
    }

    private func requireAlone(_ shared: (any SharedStep)?) throws {
        guard shared == nil else {
            throw BackendError(
                "the CUDA backend does not share a step with other processes; use one process, or onednn")
        }
    }

    func stage(_ images: StoredImages) throws {
        // Their step refuses images that do not fit.
        guard let imageInput, images.shape == analyzed.batchShape(of: analyzed.graph.inputs[0]) else { return }
        try device.exclusively { try imageInput.stage(images) }
    }

    private var result: StepResult {
        StepResult(
            scores: objectives.map(\.score), outputs: outputs.map(\.tensor),
            gradients: zip(analyzed.mode.gradients, gradients).map { node, gradient in
                gradient?.tensor ?? Tensor(repeating: 0, shape: analyzed.batchShape(of: node))
            })
    }

    private func upload(_ tensors: [Tensor]) throws {
        for ((tensor, input), node) in zip(zip(tensors, inputs), analyzed.graph.inputs) {
            guard let input, let signal = signals[node.index] else { continue }
            input.take(tensor.scalars)
            try input.upload(to: signal.values, module)
        }
    }

    /// - Parameters:
    ///   - meanwhile: is called while the GPU computes.
    ///   - fillInputs: enqueues what gives the inputs their values.
    private func run(
        targets: [Tensor], sampleWeights: [Float]?, dropout: RandomStream?, meanwhile: () throws -> Void = {},
        fillInputs: () throws -> Void
    ) throws {
        let withTargets = zip(analyzed.mode.objectives, objectives).filter { $0.0.loss.takesTarget }
        for (target, objective) in zip(targets, withTargets) { objective.1.take(target.scalars) }
        let isWeighted = sampleWeights != nil
        if let sampleWeights {
            let weights = try self.sampleWeights ?? SampleWeights(count: analyzed.batchSize, device: device)
            weights.take(sampleWeights)
            self.sampleWeights = weights
        }
        if let dropout {
            stepNumbersStaging.pointer.storeBytes(of: GPUStepNumbers(dropout), as: GPUStepNumbers.self)
        }
        try packed.pack()
        // The first step is not recorded: libraries load their kernels at the first use, which they cannot do while they
        // are recorded.
        if hasRun, work[isWeighted] == nil {
            work.updateValue(try device.record { try enqueue(isWeighted: isWeighted) }, forKey: isWeighted)
        }
        try fillInputs()
        if let work = work[isWeighted] ?? nil { try work.run() } else { try enqueue(isWeighted: isWeighted) }
        hasRun = true
        // Even if this fails, the GPU has done with the memory of this step before anybody else has it.
        let other = Result(catching: meanwhile)
        try device.synchronize()
        for parameter in statistics { parameters.weightDidChange(parameter) }
        try other.get()
    }

    /// Enqueues everything that a step does with its inputs, to the download of its results.
    ///
    /// - Parameter isWeighted: whether the samples have weights. Those that have none cost nothing.
    private func enqueue(isWeighted: Bool) throws {
        if analyzed.isTraining {
            try device.upload(
                stepNumbersStaging, to: stepNumbers.address, bytes: MemoryLayout<GPUStepNumbers>.size)
        }
        for step in kernels { try step.kernel.forward() }
        if analyzed.isTraining {
            // Kernels add to the gradients of parameters, so all start at zero, even those that no path reaches.
            try device.clear(parameters.gradients.address, bytes: parameters.size * 4)
            for signal in signals { signal?.beginBackward() }
            try packed.beginBackward()
        }
        let weights = isWeighted ? sampleWeights : nil
        try weights?.upload()
        for objective in objectives { try objective.evaluate(sampleWeights: weights?.address) }
        if analyzed.isTraining {
            for step in kernels.reversed() where step.isInBackward {
                try clearIfUnwritten(step.output)
                try step.kernel.backward()
            }
            try packed.unpackGradients()
        }
        for (output, node) in zip(outputs, analyzed.mode.outputs) {
            if let signal = signals[node.index] { try output.download(from: signal.values, module) }
        }
        for (output, node) in zip(gradients, analyzed.mode.gradients) {
            if let output, let signal = signals[node.index], let gradient = signal.gradient {
                try clearIfUnwritten(signal)
                try output.download(from: gradient, module)
            }
        }
    }

    /// No loss depends on an output whose gradient nobody has written.
    private func clearIfUnwritten(_ signal: Signal) throws {
        guard let gradient = signal.gradient, !signal.addsToGradient() else { return }
        try device.clear(gradient, bytes: signal.count * module.elementSize)
    }
}

extension AnalyzedGraph {
    /// The ReLU that a kernel computes together with this node: nothing else reads the node.
    fileprivate func fusedReLU(after node: NodeID) -> NodeID? {
        switch graph[node].operation {
        case .conv2D(_, _, _, useBias: true), .depthwiseConv2D(_, _, useBias: true), .dense(_, useBias: true),
            .batchNormalization:
            break
        default: return nil
        }
        let consumers = consumers(of: node)
        guard consumers.count == 1, !isWanted(node), case .activation(.relu) = graph[consumers[0]].operation,
            !mode.gradients.contains(consumers[0])
        else { return nil }
        return consumers[0]
    }

    /// Whether the node's output is its input's, perhaps as another shape. Then both share memory, gradients too.
    fileprivate func onlyReshapes(_ node: NodeID) -> Bool {
        switch graph[node].operation {
        case .flatten, .reshape, .activation(.linear): break
        case .dropout(let rate): guard !isTraining || rate == 0 else { return false }
        default: return false
        }
        // The gradient that is asked of one is not that of both.
        return !mode.gradients.contains(node) && !graph[node].inputs.contains { mode.gradients.contains($0) }
    }
}

extension GPUStepNumbers {
    init(_ stream: RandomStream) {
        self.init()
        let (key, epoch, index, purpose) = stream.address
        self.key = (key.x, key.y)
        self.epoch = epoch
        self.index = index
        self.purpose = purpose
    }
}

/// The host's side of a tensor that goes to the GPU or comes from it: floats, whatever the plan's elements.
private final class HostSide {
    private let shape: Shape
    private let staging: PinnedBuffer
    /// The floats on the GPU, if the plan's elements are others.
    private let floats: DeviceBuffer?
    private let device: Device

    init(shape: Shape, precision: Precision, device: Device) throws {
        self.shape = shape
        self.device = device
        staging = try PinnedBuffer(device, bytes: shape.count * 4)
        floats = precision == .bfloat16 ? try DeviceBuffer(device, bytes: shape.count * 4) : nil
    }

    func take(_ values: [Float]) { _ = staging.floats(shape.count).update(fromContentsOf: values) }

    var tensor: Tensor { Tensor(shape: shape, scalars: Array(staging.floats(shape.count))) }

    func upload(to address: DeviceAddress, _ module: KernelModule) throws {
        try device.upload(staging, to: floats?.address ?? address, bytes: shape.count * 4)
        guard let floats else { return }
        try module.launch("from_floats", elements: shape.count, address, floats.address, Int32(shape.count))
    }

    func download(from address: DeviceAddress, _ module: KernelModule) throws {
        if let floats {
            try module.launch("to_floats", elements: shape.count, floats.address, address, Int32(shape.count))
        }
        try device.download(floats?.address ?? address, to: staging, bytes: shape.count * 4)
    }
}
