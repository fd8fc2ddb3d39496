import Tensors

/// A description of a network: its operations, in an order in which they can be computed. It holds no memory.
public struct Graph: Sendable {
    public struct Node: Sendable {
        public var name: String
        public var operation: Operation
        /// The indices of the inputs, all earlier nodes, in argument order.
        public var inputs: [Int]
        /// The shape of one sample's output, without the batch axis.
        public var shape: Shape
        /// The indices into ``Graph/parameters``, in the order given at ``Operation``.
        public var parameters: [Int]

        public init(name: String, operation: Operation, inputs: [Int], shape: Shape, parameters: [Int] = []) {
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
        /// The factor of the penalty `l2 * sum(w^2)`, Keras's `kernel_regularizer`.
        public var l2: Float

        public init(name: String, shape: Shape, isTrainable: Bool = true, l2: Float = 0) {
            self.name = name
            self.shape = shape
            self.isTrainable = isTrainable
            self.l2 = l2
        }
    }

    public var nodes: [Node]
    public var parameters: [Parameter]
    /// The nodes whose operation is `.input`, in the order of a batch's tensors.
    public var inputs: [Int]
    public var outputs: [Int]

    public init(nodes: [Node], parameters: [Parameter], inputs: [Int], outputs: [Int]) {
        self.nodes = nodes
        self.parameters = parameters
        self.inputs = inputs
        self.outputs = outputs
    }

    /// The size of all parameters of a valid graph, in bytes.
    public var parameterBytes: Int { parameters.reduce(0) { $0 + $1.shape.count * MemoryLayout<Float>.stride } }
}
