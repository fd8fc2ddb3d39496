import CDNNL
import ComputeGraph
import HostMemory
import Tensors

/// Turns a graph into steps once; the steps then run many times.
///
/// Each operation has its own file. It adds its forward steps at once, and returns a closure that adds its backward steps
/// when the whole forward pass is known. Memory has no address until ``build()`` has seen all steps. Then buffers whose
/// times do not overlap share memory.
final class PlanBuilder {
    /// Adds the backward steps of one operation, given the gradient of its output, in the layout of the output.
    typealias Backward = (_ gradient: Memory) throws -> Void
    /// The same for an operation that takes the gradient as parts, one from each consumer in any layout, and sums them
    /// itself.
    typealias BackwardOfParts = (_ parts: [Memory]) throws -> Void

    let graph: Graph
    let batchSize: Int
    let engine: Engine
    let parameters: HostParameters
    let isTraining: Bool
    let primitives: Primitives

    private let outputs: [Int]
    private let wantsInputGradients: Bool
    private var steps: [Plan.Step] = []
    /// Steps that pack weights into the layouts that primitives have chosen. They run when weights have changed.
    private var packing: [Plan.Step] = []
    private var isPacking = false
    private var memories: [Memory] = []
    private var scratchpadSize = 0
    private let scratchpad = Buffer(size: 0)

    /// The output of each node that has been computed.
    private var values: [Int: Memory] = [:]
    /// Copies of values in other layouts.
    private var copies: [ObjectIdentifier: [Memory]] = [:]
    private var backwards: [Int: BackwardOfParts] = [:]
    /// The outputs of concatenations whose inputs are written in place.
    private var concatenations: [Int: Memory] = [:]
    /// For each node that only a concatenation consumes, the concatenation and the node's first channel in it.
    private var placesInConcatenations: [Int: (concatenation: Int, channel: Int)] = [:]
    /// For each node, the gradients that its consumers have computed so far.
    private var contributions: [Int: [Memory]] = [:]
    private var dependsOnTrainable: [Bool] = []

    /// The random numbers of the current step, for dropout.
    let randomness = Randomness()

    typealias Plan = OneDNNPlan

    init(graph: Graph, batchSize: Int, engine: Engine, parameters: HostParameters, mode: PlanMode) throws {
        self.graph = graph
        self.batchSize = batchSize
        self.engine = engine
        self.parameters = parameters
        primitives = try Primitives(engine)
        switch mode {
        case .inference(let outputs):
            self.outputs = outputs
            isTraining = false
            wantsInputGradients = false
        case .training(let outputs, let inputGradients):
            self.outputs = outputs
            isTraining = true
            wantsInputGradients = inputGradients
        }
    }

    deinit { primitives.destroy() }

    // MARK: - Queries of operations

    func shape(of node: Int) -> Shape { graph.nodes[node].shape }

    func plainLayout(_ node: Int) throws -> Layout { try .plain(shape(of: node), batchSize: batchSize) }
    func anyLayout(_ node: Int) throws -> Layout { try .any(shape(of: node), batchSize: batchSize) }

    /// The value of a node, in the layout in which it was computed.
    func value(_ node: Int) throws -> Memory {
        guard let value = values[node] else {
            throw BackendError("\(graph.nodes[node].name) is used before it is computed")
        }
        return value
    }

    /// Whether anything needs the gradient of this node's output.
    func needsGradient(_ node: Int) -> Bool { isTraining && dependsOnTrainable[node] }

    func isTrainable(_ parameter: Int) -> Bool { isTraining && graph.parameters[parameter].isTrainable }

    // MARK: - Memory

    /// New memory in the arena.
    func memory(_ layout: Layout) throws -> Memory {
        // oneDNN reports no size for a part of a larger layout, which needs the buffer of the whole.
        guard layout.size > 0 else { throw BackendError("oneDNN does not say how large a buffer has to be") }
        try BackendError.requireMemory(layout.size, for: "an operation's values")
        return try memory(layout, in: Buffer(size: layout.size))
    }

    /// A buffer with another layout.
    func memory(_ layout: Layout, in buffer: Buffer) throws -> Memory {
        let memory = try Memory(layout, buffer, engine)
        memories.append(memory)
        return memory
    }

    /// The weights of a parameter in their own memory, with a layout of the same size.
    func weights(_ parameter: Int, _ layout: Layout) throws -> Memory {
        try memory(layout, in: Buffer(at: parameters.weightPointer(parameter), size: layout.size))
    }

    /// The memory of a parameter's gradient.
    func weightsGradient(_ parameter: Int, _ layout: Layout) throws -> Memory {
        try memory(layout, in: Buffer(at: parameters.gradientPointer(parameter), size: layout.size))
    }

    /// A copy of a parameter's weights in the layout `wanted`, which is renewed when they change.
    func packedWeights(_ parameter: Int, _ plain: Layout, as wanted: Layout) throws -> Memory {
        try packed(weights(parameter, plain), as: wanted)
    }

    /// A copy of `kept` in the layout `wanted`, which is renewed when weights change.
    func packed(_ kept: Memory, as wanted: Layout) throws -> Memory {
        guard kept.layout != wanted else { return kept }
        let packed = try memory(wanted, in: Buffer(keeping: wanted.size))
        try whenWeightsChange {
            try add(primitives.reorder(from: kept.layout, to: wanted), [(.source, kept), (.destination, packed)])
        }
        return packed
    }

    /// Adds the steps of `body` to those that run before the first forward pass, and again when weights have changed.
    func whenWeightsChange(_ body: () throws -> Void) rethrows {
        isPacking = true
        defer { isPacking = false }
        try body()
    }

    /// `memory` in the layout `wanted`: itself, or a copy that all callers share.
    func arranged(_ memory: Memory, as wanted: Layout) throws -> Memory {
        if memory.layout == wanted { return memory }
        if let copy = copies[ObjectIdentifier(memory)]?.first(where: { $0.layout == wanted }) { return copy }
        let copy = try self.memory(wanted)
        try add(primitives.reorder(from: memory.layout, to: wanted), [(.source, memory), (.destination, copy)])
        copies[ObjectIdentifier(memory), default: []].append(copy)
        return copy
    }

    // MARK: - Steps

    func add(_ descriptor: PrimitiveDescriptor, _ arguments: [(Argument, Memory)]) throws {
        var arguments = arguments
        let scratch = try descriptor.scratchpad()
        if scratch.size > 0 {
            scratchpadSize = max(scratchpadSize, scratch.size)
            arguments.append((.scratchpad, try memory(scratch, in: scratchpad)))
        }
        let execution = try Execution(descriptor, arguments)
        append(.primitive(execution), uses: arguments.map(\.1))
    }

    /// Adds a step in Swift, which reads and writes `memories`.
    func add(_ memories: [Memory], _ work: @escaping () throws -> Void) {
        append(.host(work), uses: memories)
    }

    private func append(_ step: Plan.Step, uses memories: [Memory]) {
        if isPacking {
            packing.append(step)
        } else {
            for memory in memories { memory.buffer.isUsed(at: steps.count) }
            steps.append(step)
        }
    }

    // MARK: - Gradients

    /// Adds one consumer's part of the gradient of `node`.
    func contribute(_ gradient: Memory, to node: Int) { contributions[node, default: []].append(gradient) }

    /// The sum of `parts` in the layout `wanted`.
    func total(_ parts: [Memory], as wanted: Layout) throws -> Memory {
        if parts.count == 1 { return try arranged(parts[0], as: wanted) }
        let total = try memory(wanted)
        let arguments = parts.enumerated().map { (Argument.sources($0.offset), $0.element) }
        try add(primitives.sum(parts.map(\.layout), destination: wanted), arguments + [(.destination, total)])
        return total
    }

    // MARK: - Concatenations in place

    /// Memory for the output of `node`: its place in a concatenation if that has the same layout, else new memory.
    func destination(of node: Int, _ layout: Layout) throws -> Memory {
        guard let (concatenation, channel) = placesInConcatenations[node], let block = Planes(layout)?.block,
            graph.nodes[concatenation].inputs.allSatisfy({ (shape(of: $0).dimensions.last ?? 0) % block == 0 })
        else { return try memory(layout) }
        let whole: Memory
        if let begun = concatenations[concatenation] {
            whole = begun
        } else {
            let dimensions = Layout.dimensions(shape(of: concatenation), batchSize: batchSize)
            whole = try memory(Layout(dimensions, tag: block == 16 ? dnnl_nChw16c : dnnl_nChw8c))
            concatenations[concatenation] = whole
        }
        guard let place = try slice(of: whole, channel: channel, node), Planes(place.layout)?.block == block else {
            return try memory(layout)
        }
        return place
    }

    /// The channels of `node` in a larger memory, or `nil` if that would cut a block of channels.
    func slice(of whole: Memory, channel: Int, _ node: Int) throws -> Memory? {
        let dimensions = Layout.dimensions(shape(of: node), batchSize: batchSize)
        let offsets = dimensions.indices.map { $0 == 1 ? channel : 0 }
        return try whole.layout.slice(dimensions, at: offsets).map { try memory($0, in: whole.buffer) }
    }

    /// The output of this concatenation, if some inputs are written in place.
    func begunConcatenation(_ index: Int) -> Memory? { concatenations[index] }

    // MARK: - Building

    func build() throws -> OneDNNPlan {
        let needed = neededNodes()
        markDependencies()

        var inputs: [Memory?] = []
        for node in graph.inputs {
            guard needed.contains(node) else {
                inputs.append(nil)
                continue
            }
            let input = try memory(plainLayout(node))
            input.buffer.isUsed(at: 0)
            values[node] = input
            inputs.append(input)
        }

        placesInConcatenations = isTraining ? places(needed) : [:]
        let fusions = graph.fusions(of: needed, outputs: outputs, isTraining: isTraining)
        let rectifiedInputs = Set(fusions.values.compactMap(\.rectifiedInput))
        for node in needed.sorted() where values[node] == nil && !rectifiedInputs.contains(node) {
            try add(node, fusions[node] ?? Fusion())
        }

        var results: [Memory] = []
        for node in outputs {
            results.append(try arranged(value(node), as: plainLayout(node)))
        }
        let forwardSteps = steps.count
        for result in results { result.buffer.isUsed(at: forwardSteps) }

        var outputGradients: [Memory] = []
        var inputGradients: [Memory?] = []
        if isTraining {
            for node in outputs {
                let gradient = try memory(plainLayout(node))
                gradient.buffer.isUsed(at: forwardSteps)
                contribute(gradient, to: node)
                outputGradients.append(gradient)
            }
            let inputNodes = Set(graph.inputs)
            for node in needed.sorted(by: >) where !inputNodes.contains(node) && needsGradient(node) {
                guard let backward = backwards[node], let parts = contributions.removeValue(forKey: node) else {
                    continue
                }
                try backward(parts)
            }
            if wantsInputGradients {
                for node in graph.inputs {
                    inputGradients.append(try contributions[node].map { try total($0, as: plainLayout(node)) })
                }
                for memory in inputGradients { memory?.buffer.isUsed(at: steps.count) }
            }
        }

        let pad = try Buffer(keeping: scratchpadSize)
        for memory in memories where memory.buffer === scratchpad { memory.buffer.address = pad.address }
        var seen: Set<ObjectIdentifier> = [ObjectIdentifier(scratchpad)]
        let buffers = memories.map(\.buffer).filter { $0.address == nil && seen.insert(ObjectIdentifier($0)).inserted }
        let arena = try Arena(buffers)
        for memory in memories { try memory.bind() }

        return OneDNNPlan(
            engine: engine, parameters: parameters, batchSize: batchSize, graph: graph, outputs: outputs,
            packing: packing, forward: Array(steps[..<forwardSteps]), backward: Array(steps[forwardSteps...]),
            inputs: inputs, results: results, outputGradients: outputGradients, inputGradients: inputGradients,
            randomness: randomness, isTraining: isTraining, keeping: (arena, pad))
    }

    /// All nodes that the outputs depend on.
    private func neededNodes() -> Set<Int> {
        var needed: Set<Int> = []
        var stack = outputs
        while let node = stack.popLast() {
            if needed.insert(node).inserted { stack += graph.nodes[node].inputs }
        }
        return needed
    }

    private func markDependencies() {
        dependsOnTrainable = graph.nodes.map { _ in false }
        for (index, node) in graph.nodes.enumerated() {
            dependsOnTrainable[index] =
                node.parameters.contains { graph.parameters[$0].isTrainable }
                || node.inputs.contains { dependsOnTrainable[$0] }
                || (wantsInputGradients && node.operation == .input)
        }
    }

    private func places(_ needed: Set<Int>) -> [Int: (concatenation: Int, channel: Int)] {
        var consumers: [Int: Int] = [:]
        for node in needed { for input in graph.nodes[node].inputs { consumers[input, default: 0] += 1 } }
        var places: [Int: (concatenation: Int, channel: Int)] = [:]
        for node in needed where graph.nodes[node].operation == .concatenate {
            var channel = 0
            for input in graph.nodes[node].inputs {
                if consumers[input] == 1, !outputs.contains(input) { places[input] = (node, channel) }
                channel += shape(of: input).dimensions.last ?? 0
            }
        }
        return places
    }

    /// Adds the forward steps of a node and of the nodes fused with it.
    func add(_ node: Int, _ fusion: Fusion) throws {
        let (value, backward) = try compute(node, fusion)
        for fused in [node, fusion.normalization, fusion.activation].compactMap(\.self) { values[fused] = value }
        backwards[fusion.last(after: node)] = backward
    }

    private func compute(_ index: Int, _ fusion: Fusion) throws -> (Memory, BackwardOfParts?) {
        switch graph.nodes[index].operation {
        case .batchNormalization(let epsilon, let momentum, let isFrozen):
            return try batchNormalization(
                index, epsilon: epsilon, momentum: momentum, isFrozen: isFrozen, fusion)
        case .concatenate:
            return try concatenation(index)
        default:
            let (value, backward) = try computeWhole(index, fusion)
            guard let backward else { return (value, nil) }
            return (value, { [unowned self] parts in try backward(total(parts, as: value.layout)) })
        }
    }

    private func computeWhole(_ index: Int, _ fusion: Fusion) throws -> (Memory, Backward?) {
        let node = graph.nodes[index]
        switch node.operation {
        case .input:
            throw BackendError("the input \(node.name) is not among the graph's inputs")
        case .batchNormalization, .concatenate:
            throw BackendError("\(node.name) takes its gradient in parts")
        case .conv2D(let window, _, _):
            return try convolution(index, window, fusion)
        case .activation(let function):
            return try activation(index, function)
        case .maxPooling2D(let window):
            return try pooling(index, .maximum, window)
        case .averagePooling2D(let window):
            return try pooling(index, .average, window)
        case .globalAveragePooling2D:
            return try globalAveragePooling(index)
        case .localResponseNormalization(let depthRadius, let bias, let alpha, let beta):
            return try responseNormalization(
                index, .init(depthRadius: depthRadius, bias: bias, alpha: alpha, beta: beta))
        case .add:
            return try addition(index)
        case .zeroPadding2D(let top, _, let left, _):
            return try zeroPadding(index, top: top, left: left)
        case .dropout(let rate):
            return try dropout(index, rate: rate)
        case .flatten:
            return try flatten(index)
        case .dense(_, _):
            return try dense(index)
        }
    }
}

/// The random numbers of the current step.
final class Randomness {
    var stream: RandomStream?
}
