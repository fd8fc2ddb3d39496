import Tensors

/// A graph as one plan needs it: which nodes have to be computed, which need a gradient, and who reads what. All backends
/// share this analysis.
public struct AnalyzedGraph: Sendable {
    public let graph: Graph
    public let mode: PlanMode
    public let batchSize: Int

    /// The nodes that outputs, objectives and gradients depend on, in the order of the graph.
    public let needed: [NodeID]
    private let isNeeded: [Bool]
    private let dependsOnTrainable: [Bool]
    private let consumers: [[NodeID]]
    private let users: [Int]
    private let firstRead: [[ParameterID]]

    /// - Throws: ``BackendError`` for a batch size that cannot be, nodes that do not exist, or an objective that reads
    ///   or a gradient that is asked of something that is not there.
    public init(_ graph: Graph, batchSize: Int, mode: PlanMode) throws {
        guard batchSize > 0 else { throw BackendError("expected a batch size of 1 or more, found \(batchSize)") }
        let wanted = mode.outputs + mode.objectives.map(\.node) + mode.gradients
        for node in wanted where !graph.nodes.indices.contains(node.index) {
            throw BackendError("expected outputs among \(graph.nodes.count) nodes, found \(node.index)")
        }
        self.graph = graph
        self.mode = mode
        self.batchSize = batchSize

        // Backward from what is wanted: inputs are earlier nodes, so this meets all consumers of a node before the node.
        var isNeeded = [Bool](repeating: false, count: graph.nodes.count)
        for node in wanted { isNeeded[node.index] = true }
        for node in graph.nodeIDs.reversed() where isNeeded[node.index] {
            for input in graph[node].inputs { isNeeded[input.index] = true }
        }
        let needed = graph.nodeIDs.filter { isNeeded[$0.index] }

        var consumers = [[NodeID]](repeating: [], count: graph.nodes.count)
        var users = [Int](repeating: 0, count: graph.parameters.count)
        var dependsOnTrainable = [Bool](repeating: false, count: graph.nodes.count)
        var firstRead = [[ParameterID]](repeating: [], count: graph.nodes.count)
        for node in needed {
            firstRead[node.index] = graph[node].parameters.filter { users[$0.index] == 0 && graph[$0].isTrainable }
            for input in graph[node].inputs { consumers[input.index].append(node) }
            for parameter in graph[node].parameters { users[parameter.index] += 1 }
            dependsOnTrainable[node.index] =
                graph[node].parameters.contains { graph[$0].isTrainable }
                || graph[node].inputs.contains { dependsOnTrainable[$0.index] } || mode.gradients.contains(node)
        }
        self.needed = needed
        self.isNeeded = isNeeded
        self.consumers = consumers
        self.users = users
        self.firstRead = firstRead
        self.dependsOnTrainable = dependsOnTrainable
    }

    public var isTraining: Bool { mode.isTraining }
    /// The needed nodes that read this node's output, once for each time.
    public func consumers(of node: NodeID) -> [NodeID] { consumers[node.index] }
    /// Whether outputs, objectives or gradients name the node: its value must exist.
    public func isWanted(_ node: NodeID) -> Bool {
        mode.outputs.contains(node) || mode.gradients.contains(node) || mode.objectives.contains { $0.node == node }
    }
    /// Whether anything needs the gradient of this node's output.
    public func needsGradient(_ node: NodeID) -> Bool { isTraining && dependsOnTrainable[node.index] }
    /// Whether the plan computes this parameter's gradient.
    public func isTrainable(_ parameter: ParameterID) -> Bool { isTraining && graph[parameter].isTrainable }
    /// Whether several needed nodes share this parameter, so that its gradient is a sum.
    public func isShared(_ parameter: ParameterID) -> Bool { users[parameter.index] > 1 }

    /// The trainable parameters that no node before this one reads: when the backward pass has left the node, their
    /// gradients are final.
    public func parametersFirstRead(by node: NodeID) -> [ParameterID] { firstRead[node.index] }

    public func shape(of node: NodeID) -> Shape { graph[node].shape }
    /// The shape of a whole batch.
    public func batchShape(of node: NodeID) -> Shape { graph[node].shape.batched(batchSize) }

    /// Refuses outputs that do not fit into memory, before anything is allocated.
    ///
    /// - Parameters:
    ///   - elementSize: in bytes.
    ///   - require: checks for `count` times `size` bytes.
    /// - Throws: what `require` throws for the first node whose output alone does not fit.
    public func requireMemoryForOutputs(
        elementSize: Int = MemoryLayout<Float>.stride,
        _ require: (_ count: Int, _ size: Int, _ what: String) throws -> Void
    ) throws {
        for node in graph.nodes {
            try require(
                node.shape.count * elementSize, batchSize, "\(batchSize) outputs \(node.shape) of '\(node.name)'")
        }
    }

    /// Refuses inputs of a prediction that do not fit, because backends compute through pointers without checks.
    ///
    /// - Throws: ``BackendError`` naming the first tensor that does not fit.
    public func check(inputs: [Tensor]) throws {
        guard !isTraining else { throw BackendError("a plan for training makes steps, and does not predict") }
        try check(inputs.map(\.shape), for: graph.inputs, what: "input")
    }

    /// Refuses a step's tensors that do not fit.
    ///
    /// - Throws: ``BackendError`` naming the first tensor that does not fit, another number of weights than of samples,
    ///   or missing random numbers.
    public func check(
        inputs: [Tensor], targets: [Tensor], sampleWeights: [Float]?, dropout: RandomStream?
    ) throws {
        try check(inputs: inputs.map(\.shape), targets: targets, sampleWeights: sampleWeights, dropout: dropout)
    }

    /// Refuses images and a step's other tensors that do not fit.
    ///
    /// - Throws: ``BackendError`` naming the first that does not fit, another number of weights than of samples, or missing
    ///   random numbers.
    public func check(
        images: StoredImages, targets: [Tensor], sampleWeights: [Float]?, dropout: RandomStream?
    ) throws {
        try check(inputs: [images.shape], targets: targets, sampleWeights: sampleWeights, dropout: dropout)
    }

    private func check(
        inputs: [Shape], targets: [Tensor], sampleWeights: [Float]?, dropout: RandomStream?
    ) throws {
        try check(inputs, for: graph.inputs, what: "input")
        let targeted = mode.objectives.filter(\.loss.takesTarget).map(\.node)
        try check(targets.map(\.shape), for: targeted, what: "target")
        if let sampleWeights, sampleWeights.count != batchSize {
            throw BackendError("expected \(batchSize) weights of samples, found \(sampleWeights.count)")
        }
        guard isTraining, dropout == nil else { return }
        for node in needed {
            if case .dropout(let rate) = graph[node].operation, rate > 0 {
                throw BackendError("\(graph[node].name) has dropout, but training was given no random numbers")
            }
        }
    }

    private func check(_ shapes: [Shape], for nodes: [NodeID], what: String) throws {
        guard shapes.count == nodes.count else {
            throw BackendError("expected \(nodes.count) tensors as \(what), found \(shapes.count)")
        }
        for (shape, node) in zip(shapes, nodes) where shape != batchShape(of: node) {
            throw BackendError(
                "expected a tensor of shape \(batchShape(of: node)) as \(what) of '\(graph[node].name)', "
                    + "found \(shape)")
        }
    }
}
