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

    let analyzed: AnalyzedGraph
    let engine: Engine
    let parameters: HostParameters
    let primitives: Primitives
    /// What goes in and out of each step.
    let exchange = Exchange()

    private var steps: [OneDNNPlan.Step] = []
    /// Steps that pack weights into the layouts that primitives have chosen. They run when weights have changed.
    private var packing: [OneDNNPlan.Step] = []
    private var isPacking = false
    private var memories: [Memory] = []
    private var scratchpadSize = 0
    private let scratchpad = Buffer(size: 0)

    /// The output of each node that has been computed.
    private var values: [NodeID: Memory] = [:]
    /// Copies of values in other layouts.
    private var copies: [ObjectIdentifier: [Memory]] = [:]
    private var backwards: [NodeID: BackwardOfParts] = [:]
    /// The outputs of concatenations whose inputs are written in place.
    private var concatenations: [NodeID: Memory] = [:]
    /// For each node that only a concatenation consumes, the concatenation and the node's first channel in it.
    private let placesInConcatenations: [NodeID: (concatenation: NodeID, channel: Int)]
    /// For each node, the gradients that its consumers have computed so far.
    private var contributions: [NodeID: [Memory]] = [:]
    /// Memory for one node's share of the gradient of a parameter that several nodes have.
    private var shares: [ObjectIdentifier: ParameterID] = [:]

    init(_ analyzed: AnalyzedGraph, engine: Engine, parameters: HostParameters) throws {
        self.analyzed = analyzed
        self.engine = engine
        self.parameters = parameters
        primitives = try Primitives(engine)
        placesInConcatenations = analyzed.isTraining ? analyzed.placesInConcatenations() : [:]
    }

    deinit { primitives.destroy() }

    var graph: Graph { analyzed.graph }
    var batchSize: Int { analyzed.batchSize }
    var isTraining: Bool { analyzed.isTraining }

    // MARK: - Queries of operations

    func shape(of node: NodeID) -> Shape { graph[node].shape }
    /// The shapes of whole batches.
    func batchShape(of node: NodeID) -> Shape { analyzed.batchShape(of: node) }
    func inputShapes(of node: NodeID) -> [Shape] { graph[node].inputs.map(batchShape) }

    func plainLayout(_ node: NodeID) throws -> Layout { try .plain(shape(of: node), batchSize: batchSize) }
    func planarLayout(_ node: NodeID) throws -> Layout { try .planar(shape(of: node), batchSize: batchSize) }
    func anyLayout(_ node: NodeID) throws -> Layout { try .any(shape(of: node), batchSize: batchSize) }

    /// The value of a node, in the layout in which it was computed.
    func value(_ node: NodeID) throws -> Memory {
        guard let value = values[node] else { throw BackendError("\(graph[node].name) is used before it is computed") }
        return value
    }

    /// Whether anything needs the gradient of this node's output.
    func needsGradient(_ node: NodeID) -> Bool { analyzed.needsGradient(node) }

    func isTrainable(_ parameter: ParameterID) -> Bool { analyzed.isTrainable(parameter) }

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
    func weights(_ parameter: ParameterID, _ layout: Layout) throws -> Memory {
        try memory(layout, in: Buffer(at: parameters.weightPointer(parameter), size: layout.size))
    }

    /// Where the primitive that is added next writes a parameter's gradient. If several nodes have the parameter, each
    /// writes to memory of its own, which is then added to the gradient.
    func weightsGradient(_ parameter: ParameterID, _ layout: Layout) throws -> Memory {
        guard analyzed.isShared(parameter) else {
            return try memory(layout, in: Buffer(at: parameters.gradientPointer(parameter), size: layout.size))
        }
        let share = try memory(layout)
        shares[ObjectIdentifier(share)] = parameter
        return share
    }

    /// Memory that holds the same numbers in every run.
    func constant(_ value: Float, count: Int) throws -> Memory {
        let layout = try Layout([count], tag: dnnl_a)
        let memory = try memory(layout, in: Buffer(keeping: layout.size))
        memory.floats.update(repeating: value, count: count)
        return memory
    }

    /// A copy of a parameter's weights in the layout `wanted`, which is renewed when they change.
    func packedWeights(_ parameter: ParameterID, _ plain: Layout, as wanted: Layout) throws -> Memory {
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
        for (_, memory) in arguments {
            guard let parameter = shares.removeValue(forKey: ObjectIdentifier(memory)) else { continue }
            let sum = parameters.gradientPointer(parameter), count = graph[parameter].shape.count
            add([memory]) { for i in 0..<count { sum[i] += memory.floats[i] } }
        }
    }

    /// Adds a step in Swift, which reads and writes `memories`.
    func add(_ memories: [Memory], _ work: @escaping () throws -> Void) {
        append(.host(work), uses: memories)
    }

    private func append(_ step: OneDNNPlan.Step, uses memories: [Memory]) {
        if isPacking {
            packing.append(step)
        } else {
            for memory in memories { memory.buffer.isUsed(at: steps.count) }
            steps.append(step)
        }
    }

    // MARK: - Gradients

    /// Adds one consumer's part of the gradient of `node`.
    func contribute(_ gradient: Memory, to node: NodeID) { contributions[node, default: []].append(gradient) }

    /// Removes and returns the parts of the gradient of `node` that are known so far and fit. The caller adds them to its
    /// own part.
    func takeContributions(to node: NodeID, where fits: (Memory) -> Bool) -> [Memory] {
        let parts = contributions[node] ?? []
        contributions[node] = parts.filter { !fits($0) }
        return parts.filter(fits)
    }

    /// The sum of `parts` in the layout `wanted`.
    func total(_ parts: [Memory], as wanted: Layout) throws -> Memory {
        if parts.count == 1 { return try arranged(parts[0], as: wanted) }
        let total = try memory(wanted)
        let arguments = parts.enumerated().map { (Argument.sources($0.offset), $0.element) }
        try add(
            primitives.sum(parts.map(\.layout), times: parts.map { _ in 1 }, destination: wanted),
            arguments + [(.destination, total)])
        return total
    }

    // MARK: - Concatenations in place

    /// Memory for the output of `node`: its place in a concatenation if that has the same layout, else new memory.
    func destination(of node: NodeID, _ layout: Layout) throws -> Memory {
        guard let (concatenation, channel) = placesInConcatenations[node], let block = Planes(layout)?.block,
            graph[concatenation].inputs.allSatisfy({ (shape(of: $0).dimensions.last ?? 0) % block == 0 })
        else { return try memory(layout) }
        let whole: Memory
        if let begun = concatenations[concatenation] {
            whole = begun
        } else {
            whole = try memory(.blocked(shape(of: concatenation), batchSize: batchSize, block: block))
            concatenations[concatenation] = whole
        }
        guard let place = try slice(of: whole, channel: channel, node), Planes(place.layout)?.block == block else {
            return try memory(layout)
        }
        return place
    }

    /// The channels of `node` in a larger memory, or `nil` if that would cut a block of channels.
    func slice(of whole: Memory, channel: Int, _ node: NodeID) throws -> Memory? {
        let dimensions = Layout.dimensions(shape(of: node), batchSize: batchSize)
        let offsets = dimensions.indices.map { $0 == 1 ? channel : 0 }
        return try whole.layout.slice(dimensions, at: offsets).map { try memory($0, in: whole.buffer) }
    }

    /// The output of this concatenation, if some inputs are written in place.
    func begunConcatenation(_ index: NodeID) -> Memory? { concatenations[index] }

    // MARK: - Building

    func build() throws -> OneDNNPlan {
        let fusions = analyzed.fusions()
        let rectifiedInputs = Set(fusions.values.compactMap(\.rectifiedInput))
        for node in analyzed.needed where values[node] == nil && !rectifiedInputs.contains(node) {
            try add(node, fusions[node] ?? Fusion())
        }
        let inputs = graph.inputs.map { values[$0] }
        for input in inputs { input?.buffer.isUsed(at: 0) }

        let outputs = try analyzed.mode.outputs.map { try arranged(value($0), as: plainLayout($0)) }
        for (index, objective) in analyzed.mode.objectives.enumerated() { try add(objective, index) }
        let gradients = try isTraining ? addBackward() : [:]
        for memory in outputs + gradients.values { memory.buffer.isUsed(at: steps.count) }

        let pad = try Buffer(keeping: scratchpadSize)
        for memory in memories where memory.buffer === scratchpad { memory.buffer.address = pad.address }
        var seen: Set<ObjectIdentifier> = [ObjectIdentifier(scratchpad)]
        let buffers = memories.map(\.buffer).filter { $0.address == nil && seen.insert(ObjectIdentifier($0)).inserted }
        let arena = try Arena(buffers)
        for memory in memories { try memory.bind() }

        return OneDNNPlan(
            analyzed, engine: engine, parameters: parameters, packing: packing, steps: steps, inputs: inputs,
            outputs: outputs, gradients: analyzed.mode.gradients.map { gradients[$0] }, exchange: exchange,
            keeping: (arena, pad))
    }

    /// Adds the step that computes an objective and its gradient.
    private func add(_ objective: Objective, _ index: Int) throws {
        let node = objective.node
        let output = try arranged(value(node), as: plainLayout(node))
        let gradient = try memory(plainLayout(node))
        let count = analyzed.batchShape(of: node).count, units = shape(of: node).dimensions.last ?? 1
        add([output, gradient]) { [exchange, samples = batchSize] in
            exchange.scores[index] = exchange.targets[index].withUnsafeBufferPointer { target in
                objective.evaluate(
                    UnsafeBufferPointer(start: output.floats, count: count), target: target,
                    gradient: UnsafeMutableBufferPointer(start: gradient.floats, count: count), samples: samples,
                    units: units, sampleWeights: exchange.sampleWeights, share: exchange.shared?.share ?? 1)
            }
        }
        if needsGradient(node) { contribute(gradient, to: node) }
    }

    /// Adds the backward steps, from the last node to the first.
    ///
    /// - Returns: the gradients that the mode asks for; none for a node on which no objective depends.
    private func addBackward() throws -> [NodeID: Memory] {
        var gradients: [NodeID: Memory] = [:]
        for node in analyzed.needed.reversed() where needsGradient(node) {
            // What is fused with a later node has been added with that.
            let final = analyzed.parametersFirstRead(by: node)
            defer { add([]) { [exchange] in exchange.shared?.gradientsAreFinal(of: final) } }
            guard var parts = contributions.removeValue(forKey: node) else { continue }
            if analyzed.mode.gradients.contains(node) {
                let gradient = try total(parts, as: plainLayout(node))
                gradients[node] = gradient
                parts = [gradient]
            }
            try backwards[node]?(parts)
        }
        return gradients
    }

    /// Adds the forward steps of a node and of the nodes fused with it.
    func add(_ node: NodeID, _ fusion: Fusion) throws {
        var fusion = fusion
        let (value, backward) = try compute(node, &fusion)
        for fused in [node, fusion.normalization?.node, fusion.sum?.node, fusion.activation].compactMap(\.self) {
            values[fused] = value
        }
        backwards[fusion.last(after: node)] = backward
    }

    /// Removes from `fusion` what the node's primitive turns out not to do well.
    private func compute(_ index: NodeID, _ fusion: inout Fusion) throws -> (Memory, BackwardOfParts?) {
        switch graph[index].operation {
        case .input: (try memory(plainLayout(index)), nil)
        case .batchNormalization(let settings): try batchNormalization(index, settings, &fusion)
        case .concatenate: try concatenation(index)
        case .conv2D(let window, _, let groups, _):
            summed(try convolution(index, window, groups: groups, &fusion))
        case .depthwiseConv2D(let window, _, _):
            // In memory the kernel is that of a convolution with a group for each channel.
            summed(try convolution(index, window, groups: shape(of: graph[index].inputs[0])[2], &fusion))
        case .activation(let function): summed(try activation(index, function))
        case .prelu(let alpha): summed(try shared(index, PReLU(alpha: alpha, batchShape(of: index))))
        case .rescale(let settings): summed(try shared(index, Scaling(settings, batchShape(of: index))))
        case .normalize(let invert):
            summed(try shared(index, Standardization(invert: invert, batchShape(of: index))))
        case .maxPooling2D(let window): summed(try pooling(index, .maximum, window))
        case .averagePooling2D(let window): summed(try pooling(index, .average, window))
        case .globalAveragePooling2D: summed(try globalAveragePooling(index))
        case .globalMaxPooling2D: summed(try shared(index, GlobalMaxPooling(inputShapes(of: index)[0])))
        case .localResponseNormalization(let depthRadius, let bias, let alpha, let beta):
            summed(
                try responseNormalization(
                    index, .init(depthRadius: depthRadius, bias: bias, alpha: alpha, beta: beta)))
        case .add: summed(try linearCombination(index, graph[index].inputs.map { _ in 1 }))
        case .linearCombination(let factors): summed(try linearCombination(index, factors))
        case .multiply: summed(try shared(index, Multiplication(inputShapes(of: index), batchShape(of: index))))
        case .maximum:
            summed(try shared(index, Extremum(isLargest: true, inputShapes(of: index), batchShape(of: index))))
        case .minimum:
            summed(try shared(index, Extremum(isLargest: false, inputShapes(of: index), batchShape(of: index))))
        case .zeroPadding2D(let top, _, let left, _): summed(try zeroPadding(index, top: top, left: left))
        case .cropping2D(let top, _, let left, _):
            summed(
                try shared(index, Cropping(top: top, left: left, inputShapes(of: index)[0], batchShape(of: index))))
        case .upSampling2D(_, let kind): summed(try upSampling(index, kind))
        case .dropout(let rate): summed(try dropout(index, rate: rate))
        case .flatten, .reshape: summed(try reshape(index))
        case .dense: summed(try dense(index))
        }
    }

    /// An operation that takes the whole gradient, in the layout of its output.
    private func summed(_ computed: (value: Memory, backward: Backward?)) -> (Memory, BackwardOfParts?) {
        guard let backward = computed.backward else { return (computed.value, nil) }
        return (computed.value, { [unowned self] parts in try backward(total(parts, as: computed.value.layout)) })
    }
}

extension AnalyzedGraph {
    /// The nodes that could be written directly into a concatenation, because nothing else reads them.
    fileprivate func placesInConcatenations() -> [NodeID: (concatenation: NodeID, channel: Int)] {
        var places: [NodeID: (concatenation: NodeID, channel: Int)] = [:]
        for node in needed where graph[node].operation == .concatenate {
            var channel = 0
            for input in graph[node].inputs {
                if consumers(of: input).count == 1, !isWanted(input) { places[input] = (node, channel) }
                channel += shape(of: input).dimensions.last ?? 0
            }
        }
        return places
    }
}

/// What goes in and out of a plan's steps, apart from inputs and outputs.
final class Exchange {
    /// The random numbers of the current step.
    var dropout: DropoutNumbers?
    /// The step of all processes that the current one is a part of.
    var shared: (any SharedStep)?
    /// One for each objective; empty for one that takes none.
    var targets: [[Float]] = []
    /// The factor of each sample's loss; `nil`: all 1.
    var sampleWeights: [Float]?
    var scores: [Score?] = []
}
