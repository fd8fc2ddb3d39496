import Tensors

/// A library that computes a ``Graph``.
public protocol Backend: Sendable {
    /// The name on the command line: `onednn`, `openblas`.
    var name: String { get }
    /// The name and version of the library that does the work.
    var version: String { get }
    /// The number of processor threads that compute.
    var threads: Int { get }
    /// What computes, for people: "2 threads", or a GPU's name.
    var hardware: String { get }
    /// Allocates the parameters of `graph`. Only ``load(_:sharing:)`` calls it, after checking the graph.
    func load(validated graph: Graph, sharing weights: [ParameterID: any Weight]) throws -> any LoadedGraph
    /// Checks for `count` times `size` bytes of the memory that it computes in.
    ///
    /// - Throws: ``BackendError`` if there are fewer.
    func requireMemory(_ count: Int, of size: Int, for what: String) throws
}

extension Backend {
    public var hardware: String { threads == 1 ? "1 thread" : "\(threads) threads" }

    /// Allocates the parameters of `graph` and returns the compiler of its plans.
    ///
    /// - Parameter weights: weights that exist and are shared. Those in another memory are copied instead.
    /// - Throws: ``BackendError`` if the graph is inconsistent, or if there is not enough memory.
    public func load(_ graph: Graph, sharing weights: [ParameterID: any Weight] = [:]) throws -> any LoadedGraph {
        try graph.validate()
        // Weights and their gradients.
        try requireMemory(graph.parameterBytes, of: 2, for: "the weights and their gradients")
        return try load(validated: graph, sharing: weights)
    }
}

/// The memory of one weight. Several loaded graphs may share it.
public protocol Weight: AnyObject {
    /// The values, in Keras's layout.
    func read() -> Tensor
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
public struct PlanMode: Hashable, Sendable {
    /// Whether normalizations use and move batch statistics, dropout drops, and the gradients of all trainable
    /// parameters are computed.
    public let isTraining: Bool
    /// What is minimized, or in inference measured.
    public let objectives: [Objective]
    /// The nodes whose values are returned.
    public let outputs: [NodeID]
    /// The nodes for which the loss's gradient with respect to their value is returned.
    public let gradients: [NodeID]
    /// Whether the statistics of normalizations are those of the batches of all processes: see ``SharedStep``.
    public var synchronizesStatistics = false

    /// Moving statistics and no dropout.
    public static func inference(outputs: [NodeID], objectives: [Objective] = []) -> PlanMode {
        PlanMode(isTraining: false, objectives: objectives, outputs: outputs, gradients: [])
    }

    /// Batch statistics, dropout and gradients.
    public static func training(
        _ objectives: [Objective], outputs: [NodeID] = [], gradients: [NodeID] = []
    ) -> PlanMode {
        PlanMode(isTraining: true, objectives: objectives, outputs: outputs, gradients: gradients)
    }
}

/// A compiled graph for a fixed batch size.
public protocol Plan: AnyObject {
    /// Computes the values of the mode's outputs, in NHWC.
    ///
    /// - Parameter inputs: one tensor for each input of the graph, with the batch as first axis.
    func predict(_ inputs: [Tensor]) throws -> [Tensor]

    /// Computes the network and its objectives; in training also the gradients, which stay beside the weights in
    /// ``ParameterStorage``.
    ///
    /// - Parameters:
    ///   - inputs: one tensor for each input of the graph, with the batch as first axis.
    ///   - targets: one tensor for each objective that takes one, of the shape of its node's output.
    ///   - sampleWeights: one factor for each sample, of its loss in every objective that takes a target; `nil`: all 1.
    ///   - dropout: the random numbers of this step, for training plans.
    ///   - shared: the step of all processes that this is a part of.
    func step(
        _ inputs: [Tensor], targets: [Tensor], sampleWeights: [Float]?, dropout: RandomStream?,
        shared: (any SharedStep)?
    ) throws -> StepResult

    /// Whether it is faster to give a step images as they are stored than their floats.
    var takesStoredImages: Bool { get }

    /// The step of the images' floats, with the same bits.
    ///
    /// - Parameters:
    ///   - images: the graph's only input.
    ///   - targets: as above.
    ///   - sampleWeights: as above.
    ///   - dropout: as above.
    ///   - shared: as above.
    ///   - meanwhile: is called while the step is computed elsewhere; not at all if this thread computes it.
    func step(
        _ images: StoredImages, targets: [Tensor], sampleWeights: [Float]?, dropout: RandomStream?,
        shared: (any SharedStep)?, meanwhile: () throws -> Void
    ) throws -> StepResult

    /// Begins to bring the images of a later step to where they are needed. That step need not come.
    func stage(_ images: StoredImages) throws
}

extension Plan {
    public var takesStoredImages: Bool { false }

    /// A step that no other process has part in.
    public func step(
        _ inputs: [Tensor], targets: [Tensor], sampleWeights: [Float]? = nil, dropout: RandomStream?
    ) throws -> StepResult {
        try step(inputs, targets: targets, sampleWeights: sampleWeights, dropout: dropout, shared: nil)
    }

    /// A step that no other process has part in.
    public func step(
        _ images: StoredImages, targets: [Tensor], sampleWeights: [Float]? = nil, dropout: RandomStream?,
        meanwhile: () throws -> Void
    ) throws -> StepResult {
        try step(
            images, targets: targets, sampleWeights: sampleWeights, dropout: dropout, shared: nil, meanwhile: meanwhile)
    }

    public func step(
        _ images: StoredImages, targets: [Tensor], sampleWeights: [Float]?, dropout: RandomStream?,
        shared: (any SharedStep)?, meanwhile: () throws -> Void
    ) throws -> StepResult {
        try step(
            [images.tensor], targets: targets, sampleWeights: sampleWeights, dropout: dropout, shared: shared)
    }

    public func stage(_ images: StoredImages) {}
}

/// What a step hands back.
public struct StepResult: Sendable {
    /// One for each objective.
    public var scores: [Score]
    /// The values of the mode's outputs.
    public var outputs: [Tensor]
    /// The gradients of the mode's gradient nodes.
    public var gradients: [Tensor]

    public init(scores: [Score], outputs: [Tensor], gradients: [Tensor]) {
        self.scores = scores
        self.outputs = outputs
        self.gradients = gradients
    }
}

/// The weights, their gradients and the optimizer's slots, in the backend's memory.
///
/// Tensors that go in and out have Keras's layouts.
public protocol ParameterStorage: AnyObject {
    /// The memory of a weight, to be shared with other graphs.
    func memory(of parameter: ParameterID) -> any Weight
    func weight(_ parameter: ParameterID) -> Tensor
    func setWeight(_ parameter: ParameterID, to value: Tensor)
    /// The gradient of the last step, without the penalty's.
    func gradient(_ parameter: ParameterID) -> Tensor
    /// Changes whenever a weight may have changed.
    var version: Int { get }
    /// Whether the weight is finite, without copying it: neither infinite nor NaN.
    func isWeightFinite(_ parameter: ParameterID) -> Bool
    /// Whether the gradient is finite.
    func isGradientFinite(_ parameter: ParameterID) -> Bool

    /// All gradients as one block of host memory: to be averaged over processes, clipped, accumulated or examined.
    /// Changes are kept. Between the gradients there may be gaps, which are 0.
    func withGradients<Result>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> Result) rethrows -> Result
    /// The place of a parameter's gradient in that block.
    func gradientRange(of parameter: ParameterID) -> Range<Int>

    /// Gives every parameter `count` slots (momentum, accumulators), filled with `value`.
    func makeSlots(count: Int, value: Float)
    var slotCount: Int { get }
    func slot(_ slot: Int, of parameter: ParameterID) -> Tensor
    func setSlot(_ slot: Int, of parameter: ParameterID, to value: Tensor)

    /// The sum of the penalties of all trainable parameters.
    ///
    /// - Parameter includingFrozen: whether frozen parameters count too, as in Keras 2.
    func penalty(includingFrozen: Bool) -> Double
    /// Adds the penalties' gradients to the gradients. An ``update(_:addingPenalties:)`` after it must not add them.
    func addPenaltyGradients()
    /// Updates every trainable parameter.
    func update(_ rule: UpdateRule, addingPenalties: Bool)
}
