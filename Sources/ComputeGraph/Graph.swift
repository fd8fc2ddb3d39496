import Tensors

/// A network as a description: what to compute, in an order in which it can be computed. It holds no memory.
public struct Graph: Sendable {
    public struct Node: Sendable {
        public var name: String
        public var operation: Operation
        /// Earlier nodes, in argument order.
        public var inputs: [Int]
        /// Shape of the output of one sample, without the batch axis.
        public var shape: Shape
        /// Indices into ``Graph/parameters``, in the order that ``Operation`` gives.
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
        /// Layer and weight, as in `conv2d/kernel`.
        public var name: String
        public var shape: Shape
        /// Whether the optimizer moves it; moving statistics and frozen weights stay.
        public var isTrainable: Bool
        /// The penalty `l2 * sum(w^2)`, Keras's `kernel_regularizer`.
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
    /// Nodes whose operation is `.input`, in the order in which a batch brings them.
    public var inputs: [Int]
    public var outputs: [Int]

    public init(nodes: [Node], parameters: [Parameter], inputs: [Int], outputs: [Int]) {
        self.nodes = nodes
        self.parameters = parameters
        self.inputs = inputs
        self.outputs = outputs
    }

    /// Bytes of all parameters; of a graph that is valid.
    public var parameterBytes: Int { parameters.reduce(0) { $0 + $1.shape.count * MemoryLayout<Float>.stride } }
}
