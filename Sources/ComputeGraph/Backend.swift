import Tensors

/// Something that can compute a ``Graph``.
public protocol Backend: Sendable {
    /// As on the command line: `onednn`, `openblas`.
    var name: String { get }
    /// Name and version of the library that does the work.
    var version: String { get }
    /// Number of processor threads that compute.
    var threads: Int { get }
    /// Memory for the parameters of `graph`, and a compiler of plans over it. To be called by ``load(_:)`` alone.
    func load(validated graph: Graph) throws -> any LoadedGraph
}

extension Backend {
    /// Memory for the parameters of `graph`, and a compiler of plans over it.
    ///
    /// - Throws: ``BackendError`` where the graph's parts do not fit, or there is not so much memory.
    public func load(_ graph: Graph) throws -> any LoadedGraph {
        try graph.validate()
        // Weights and their gradients.
        try BackendError.requireMemory(2 * graph.parameterBytes, for: "the weights and their gradients")
        return try load(validated: graph)
    }
}

/// A graph in a backend's memory: parameters, and plans that compute with them.
public protocol LoadedGraph: AnyObject {
    var parameters: any ParameterStorage { get }

    /// Compiles a plan for batches of exactly `batchSize` samples.
    ///
    /// The plan owns its buffers and picks its own layouts; all plans of a loaded graph share its parameters.
    func plan(batchSize: Int, mode: PlanMode) throws -> any Plan
}

public enum PlanMode: Hashable, Sendable {
    /// Moving statistics, no dropout; computes these nodes.
    case inference(outputs: [Int])
    /// Batch statistics and dropout; computes these nodes and, backward from them, the gradients of all trainable
    /// parameters, and those of the inputs only where asked: no update needs them.
    case training(outputs: [Int], inputGradients: Bool)
}

/// A compiled graph of a fixed batch size.
public protocol Plan: AnyObject {
    /// The outputs of the mode's nodes, NHWC.
    ///
    /// - Parameters:
    ///   - inputs: a tensor per input of the graph, the batch as first axis.
    ///   - dropout: the random numbers of this step; training plans only.
    func forward(_ inputs: [Tensor], dropout: RandomStream?) throws -> [Tensor]

    /// From the gradient of the loss with respect to each output, computes those of the parameters into
    /// ``ParameterStorage`` and returns those of the inputs if the mode asks for them.
    func backward(_ outputGradients: [Tensor]) throws -> [Tensor]
}

/// Weights, their gradients and the optimizer's memory of them, wherever the backend keeps them.
///
/// Tensors that go in and out have Keras's layouts; an index is a position in ``Graph/parameters``.
public protocol ParameterStorage: AnyObject {
    func weight(_ index: Int) -> Tensor
    func setWeight(_ index: Int, to value: Tensor)
    /// The gradient of the last backward pass, without the L2 term.
    func gradient(_ index: Int) -> Tensor
    func setGradient(_ index: Int, to value: Tensor)
    /// Changes whenever a weight may have changed.
    var version: Int { get }
    /// Whether there is neither an infinity nor a NaN in the weight; reads it where it lies.
    func isWeightFinite(_ index: Int) -> Bool
    /// The same of the gradient.
    func isGradientFinite(_ index: Int) -> Bool

    /// Gives every trainable parameter `count` slots (momentum, accumulators), filled with `value`.
    func makeSlots(count: Int, value: Float)
    var slotCount: Int { get }
    func slot(_ slot: Int, of index: Int) -> Tensor
    func setSlot(_ slot: Int, of index: Int, to value: Tensor)

    /// Adds the L2 term to every gradient and moves every trainable parameter.
    func update(_ rule: UpdateRule)
    /// Sum over all parameters of `l2 * sum(w^2)`.
    func l2Penalty() -> Double
}
