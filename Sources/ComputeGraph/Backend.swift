import Tensors

/// A library that computes a ``Graph``.
public protocol Backend: Sendable {
    /// The name on the command line: `onednn`, `openblas`.
    var name: String { get }
    /// The name and version of the library that does the work.
    var version: String { get }
    /// The number of processor threads that compute.
    var threads: Int { get }
    /// Allocates the parameters of `graph`. Only ``load(_:)`` calls it, after checking the graph.
    func load(validated graph: Graph) throws -> any LoadedGraph
}

extension Backend {
    /// Allocates the parameters of `graph` and returns the compiler of its plans.
    ///
    /// - Throws: ``BackendError`` if the graph is inconsistent, or if there is not enough memory.
    public func load(_ graph: Graph) throws -> any LoadedGraph {
        try graph.validate()
        // Weights and their gradients.
        try BackendError.requireMemory(2 * graph.parameterBytes, for: "the weights and their gradients")
        return try load(validated: graph)
    }
}

/// A graph in a backend's memory: its parameters, and the compiler of plans that compute with them.
public protocol LoadedGraph: AnyObject {
    var parameters: any ParameterStorage { get }

    /// Compiles a plan for batches of exactly `batchSize` samples.
    ///
    /// The plan owns its buffers and chooses its own layouts. All plans of a loaded graph share its parameters.
    func plan(batchSize: Int, mode: PlanMode) throws -> any Plan
}

/// The purpose of a plan.
public enum PlanMode: Hashable, Sendable {
    /// Computes these nodes, with moving statistics and without dropout.
    case inference(outputs: [Int])
    /// Computes these nodes, with batch statistics and dropout, and the gradients of all trainable parameters. The
    /// gradients of the inputs are optional, because no update needs them.
    case training(outputs: [Int], inputGradients: Bool)
}

/// A compiled graph for a fixed batch size.
public protocol Plan: AnyObject {
    /// Computes the outputs of the mode's nodes, in NHWC.
    ///
    /// - Parameters:
    ///   - inputs: one tensor for each input of the graph, with the batch as first axis.
    ///   - dropout: the random numbers of this step, for training plans.
    func forward(_ inputs: [Tensor], dropout: RandomStream?) throws -> [Tensor]

    /// Computes gradients from the loss's gradient with respect to each output: the parameters' gradients into
    /// ``ParameterStorage``, and the inputs' gradients as result if the mode includes them.
    func backward(_ outputGradients: [Tensor]) throws -> [Tensor]
}

/// The weights, their gradients and the optimizer's slots, in the backend's memory.
///
/// Tensors that go in and out have Keras's layouts. An index is a position in ``Graph/parameters``.
public protocol ParameterStorage: AnyObject {
    func weight(_ index: Int) -> Tensor
    func setWeight(_ index: Int, to value: Tensor)
    /// The gradient of the last backward pass, without the L2 term.
    func gradient(_ index: Int) -> Tensor
    func setGradient(_ index: Int, to value: Tensor)
    /// Changes whenever a weight may have changed.
    var version: Int { get }
    /// Whether the weight is finite, without copying it: neither infinite nor NaN.
    func isWeightFinite(_ index: Int) -> Bool
    /// Whether the gradient is finite.
    func isGradientFinite(_ index: Int) -> Bool

    /// Gives every trainable parameter `count` slots (momentum, accumulators), filled with `value`.
    func makeSlots(count: Int, value: Float)
    var slotCount: Int { get }
    func slot(_ slot: Int, of index: Int) -> Tensor
    func setSlot(_ slot: Int, of index: Int, to value: Tensor)

    /// Adds the L2 term to every gradient and updates every trainable parameter.
    func update(_ rule: UpdateRule)
    /// The sum over all parameters of `l2 * sum(w^2)`.
    func l2Penalty() -> Double
}
