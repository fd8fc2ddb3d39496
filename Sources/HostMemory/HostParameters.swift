import ComputeGraph
import System
import Tensors

/// Parameters in host memory, in Keras's layouts. The CPU backends share it.
///
/// Every weight has memory of its own, which other graphs may share. All gradients are in one block, and each slot in one
/// more, at the same offsets.
public final class HostParameters: ParameterStorage {
    private let parameters: [Graph.Parameter]
    private let weights: [HostWeight]
    private let offsets: [Int]
    private let size: Int
    private let gradients: UnsafeMutablePointer<Float>
    private var slots: [UnsafeMutablePointer<Float>] = []
    private let forEachPart: ForEachPart

    /// Divides `count` units between a backend's threads, where a thread is worth at least about `grain` of them.
    public typealias ForEachPart = (_ count: Int, _ grain: Int, _ body: (_ part: Range<Int>) -> Void) -> Void

    /// - Parameter forEachPart: by default one thread has all the work.
    public init(
        _ graph: Graph, sharing shared: [ParameterID: any Weight] = [:],
        forEachPart: @escaping ForEachPart = { count, _, body in body(0..<count) }
    ) {
        self.forEachPart = forEachPart
        parameters = graph.parameters
        weights = graph.parameterIDs.map { parameter in
            let existing = shared[parameter]
            if let weight = existing as? HostWeight, weight.shape == graph[parameter].shape { return weight }
            let weight = HostWeight(shape: graph[parameter].shape)
            if let existing { weight.write(existing.read(), name: graph[parameter].name) }
            return weight
        }
        // Every parameter starts at a cache line.
        var offsets: [Int] = []
        var size = 0
        for parameter in parameters {
            offsets.append(size)
            size += (parameter.shape.count + 15) / 16 * 16
        }
        self.offsets = offsets
        self.size = size
        gradients = .cacheLines(count: size, value: 0)
    }

    deinit {
        gradients.deallocate()
        for slot in slots { slot.deallocate() }
    }

    // MARK: - Plans read weights and write gradients in place

    public func weightPointer(_ parameter: ParameterID) -> UnsafeMutablePointer<Float> {
        weights[parameter.index].floats
    }
    public func gradientPointer(_ parameter: ParameterID) -> UnsafeMutablePointer<Float> {
        gradients + offsets[parameter.index]
    }
    /// Call it after writing through ``weightPointer(_:)``.
    public func weightDidChange(_ parameter: ParameterID) { weights[parameter.index].didChange() }

    /// Sets all gradients to 0, also those of parameters that no output depends on.
    public func clearGradients() { gradients.update(repeating: 0, count: size) }

    // MARK: - ParameterStorage

    public func memory(of parameter: ParameterID) -> any Weight { weights[parameter.index] }

    public func weight(_ parameter: ParameterID) -> Tensor { weights[parameter.index].read() }
    public func setWeight(_ parameter: ParameterID, to value: Tensor) {
        weights[parameter.index].write(value, name: parameters[parameter.index].name)
    }

    public func gradient(_ parameter: ParameterID) -> Tensor { tensor(gradients, parameter) }
    public func slot(_ slot: Int, of parameter: ParameterID) -> Tensor { tensor(slots[slot], parameter) }
    public var slotCount: Int { slots.count }

    public func setSlot(_ slot: Int, of parameter: ParameterID, to value: Tensor) {
        let (name, shape) = (parameters[parameter.index].name, parameters[parameter.index].shape)
        guard value.shape == shape else { stop("a slot of \(name) is \(shape), but is given \(value.shape)") }
        (slots[slot] + offsets[parameter.index]).update(from: value.scalars, count: value.count)
    }

    /// Also changes when another graph changes a weight that both share.
    public var version: Int { weights.reduce(0) { $0 &+ $1.version } }

    public func isWeightFinite(_ parameter: ParameterID) -> Bool {
        UnsafeBufferPointer(start: weightPointer(parameter), count: count(parameter)).areFinite
    }
    public func isGradientFinite(_ parameter: ParameterID) -> Bool {
        UnsafeBufferPointer(start: gradientPointer(parameter), count: count(parameter)).areFinite
    }

    public func withGradients<Result>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        try body(UnsafeMutableBufferPointer(start: gradients, count: size))
    }
    public func gradientRange(of parameter: ParameterID) -> Range<Int> {
        offsets[parameter.index]..<offsets[parameter.index] + count(parameter)
    }

    public func makeSlots(count: Int, value: Float) {
        for slot in slots { slot.deallocate() }
        slots = (0..<count).map { _ in .cacheLines(count: size, value: value) }
    }

    private func count(_ parameter: ParameterID) -> Int { parameters[parameter.index].shape.count }

    private func tensor(_ block: UnsafeMutablePointer<Float>, _ parameter: ParameterID) -> Tensor {
        let start = block + offsets[parameter.index]
        return Tensor(
            shape: parameters[parameter.index].shape,
            scalars: Array(UnsafeBufferPointer(start: start, count: count(parameter))))
    }

    private var trainable: [ParameterID] {
        parameters.indices.filter { parameters[$0].isTrainable }.map(ParameterID.init)
    }

    // MARK: - Penalties

    public func penalty(includingFrozen: Bool) -> Double {
        let counted = includingFrozen ? parameters.indices.map(ParameterID.init) : trainable
        return counted.reduce(0.0) { sum, parameter in
            let penalty = parameters[parameter.index].penalty
            let w = UnsafeBufferPointer(start: weightPointer(parameter), count: count(parameter))
            return sum + penalty.value(of: w)
        }
    }

    public func addPenaltyGradients() {
        for parameter in trainable {
            let penalty = parameters[parameter.index].penalty
            guard penalty != .none else { continue }
            let w = weightPointer(parameter), g = gradientPointer(parameter)
            penalty.addGradient(at: w, to: g, into: g, count: count(parameter))
        }
    }

    // MARK: - Update

    public func update(_ rule: UpdateRule, addingPenalties: Bool) {
        guard slots.count >= rule.slotCount else {
            stop("an optimizer with \(slots.count) slots gave a step that needs \(rule.slotCount)")
        }
        for parameter in trainable {
            let weight = weightPointer(parameter), offset = offsets[parameter.index]
            let penalty = addingPenalties ? parameters[parameter.index].penalty : .none
            forEachPart(count(parameter), 16384) { part in
                let start = offset + part.lowerBound
                rule.apply(
                    weight: weight + part.lowerBound, gradient: gradients + start, slots: slots.map { $0 + start },
                    count: part.count, penalty: penalty)
            }
            weightDidChange(parameter)
        }
    }
}
