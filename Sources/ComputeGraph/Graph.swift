import Tensors

/// A node's place in a ``Graph``.
public struct NodeID: Hashable, Comparable, Sendable {
    public let index: Int
    public init(_ index: Int) { self.index = index }
    public static func < (a: NodeID, b: NodeID) -> Bool { a.index < b.index }
}

/// A parameter's place in a ``Graph``.
public struct ParameterID: Hashable, Comparable, Sendable {
    public let index: Int
    public init(_ index: Int) { self.index = index }
    public static func < (a: ParameterID, b: ParameterID) -> Bool { a.index < b.index }
}

/// The penalty `l1 * sum(|w|) + l2 * sum(w^2)` on a weight or an output.
public struct Penalty: Hashable, Sendable {
    public var l1: Float
    public var l2: Float

    public init(l1: Float = 0, l2: Float = 0) {
        self.l1 = l1
        self.l2 = l2
    }

    public static let none = Penalty()
}

/// A description of a network: its operations, in an order in which they can be computed. It holds no memory.
public struct Graph: Sendable {
    public struct Node: Sendable {
        public var name: String
        public var operation: Operation
        /// All earlier nodes, in argument order.
        public var inputs: [NodeID]
        /// The shape of one sample's output, without the batch axis.
        public var shape: Shape
        /// In the order given at ``Operation``. Several nodes may share a parameter; its gradient is then their sum.
        public var parameters: [ParameterID]

        public init(
            name: String, operation: Operation, inputs: [NodeID], shape: Shape, parameters: [ParameterID] = []
        ) {
            self.name = name
            self.operation = operation
            self.inputs = inputs
            self.shape = shape
            self.parameters = parameters
        }
    }

    public struct Parameter: Sendable {
        /// The layer's and the weight's name, as in `conv2d/kernel`.
        public var name: String
        public var shape: Shape
        /// Whether the optimizer updates it. It does not update moving statistics and frozen weights.
        public var isTrainable: Bool
        /// The part of the loss that depends on this weight alone, Keras's `kernel_regularizer`.
        public var penalty: Penalty

        public init(name: String, shape: Shape, isTrainable: Bool = true, penalty: Penalty = .none) {
            self.name = name
            self.shape = shape
            self.isTrainable = isTrainable
            self.penalty = penalty
        }
    }

    public var nodes: [Node]
    public var parameters: [Parameter]
    /// The nodes whose operation is `.input`, in the order of a batch's tensors.
    public var inputs: [NodeID]
    public var outputs: [NodeID]

    public init(
        nodes: [Node] = [], parameters: [Parameter] = [], inputs: [NodeID] = [], outputs: [NodeID] = []
    ) {
        self.nodes = nodes
        self.parameters = parameters
        self.inputs = inputs
        self.outputs = outputs
    }

    public subscript(node: NodeID) -> Node {
        get { nodes[node.index] }
        set { nodes[node.index] = newValue }
    }

    public subscript(parameter: ParameterID) -> Parameter {
        get { parameters[parameter.index] }
        set { parameters[parameter.index] = newValue }
    }

    /// All nodes, inputs before the nodes that read them.
    public var nodeIDs: [NodeID] { nodes.indices.map(NodeID.init) }
    public var parameterIDs: [ParameterID] { parameters.indices.map(ParameterID.init) }

    /// Adds a node, with the shape that its operation gives.
    ///
    /// - Throws: ``BackendError`` if inputs of these shapes do not fit the operation.
    public mutating func add(
        _ name: String, _ operation: Operation, inputs: [NodeID], parameters: [ParameterID] = []
    ) throws -> NodeID {
        let shape = try operation.outputShape(for: inputs.map { self[$0].shape })
        nodes.append(Node(name: name, operation: operation, inputs: inputs, shape: shape, parameters: parameters))
        return NodeID(nodes.count - 1)
    }

    public mutating func add(_ parameter: Parameter) -> ParameterID {
        parameters.append(parameter)
        return ParameterID(parameters.count - 1)
    }

    /// The size of all parameters of a valid graph, in bytes.
    public var parameterBytes: Int { parameters.reduce(0) { $0 + $1.shape.count * MemoryLayout<Float>.stride } }
}

extension Graph {
    /// The parameters that training changes without gradients: the moving statistics of normalizations.
    public var movingStatistics: [ParameterID] {
        nodes.flatMap { node -> [ParameterID] in
            if case .batchNormalization(let settings) = node.operation, !settings.isFrozen {
                Array(node.parameters.suffix(2))
            } else {
                []
            }
        }
    }
}
