/// What a plan minimizes: a loss of one node's output. A plan's loss is the weighted sum over its objectives.
public struct Objective: Hashable, Sendable {
    /// The node that the loss reads: an output, or the logits before its activation.
    public var node: NodeID
    public var loss: LossFunction
    /// The factor in the sum.
    public var weight: Float
    /// The value that a single unit has to exceed to say yes: 0.5, or 0 where the node is the logit of an output that is
    /// compared with 0.5.
    public var threshold: Float
    /// Predictions are counted as right if the target's class is among this many largest outputs; one count for each.
    public var ranks: [Int]

    public init(_ node: NodeID, _ loss: LossFunction, weight: Float = 1, threshold: Float = 0.5, ranks: [Int] = [1]) {
        self.node = node
        self.loss = loss
        self.weight = weight
        self.threshold = threshold
        self.ranks = ranks
    }
}

/// The loss of a batch: the mean over its samples, each times its weight if samples have weights: the divisor is their
/// number, not the sum of the weights. Axes between the batch and the last one are averaged too.
public enum LossFunction: Hashable, Sendable {
    /// `-sum of t ln p` over the last axis, for targets `(1 - labelSmoothing) t + labelSmoothing / classes`.
    ///
    /// From logits, `p` is their softmax. Otherwise outputs are divided by their sum and clipped to 1e-7 from 0 and 1.
    case categoricalCrossentropy(labelSmoothing: Double, fromLogits: Bool)
    /// `-(t ln p + (1 - t) ln(1 - p))`, the mean over the last axis, for targets `(1 - labelSmoothing) t +
    /// labelSmoothing / 2`.
    ///
    /// From logits, `p` is their sigmoid. Otherwise outputs are clipped to 1e-7 from 0 and 1.
    case binaryCrossentropy(labelSmoothing: Double, fromLogits: Bool)
    /// `(y - t)^2`, the mean over the last axis.
    case meanSquaredError
    /// The sum of a sample's outputs, each times its target. So the gradient that goes into the network is the target:
    /// for gradient checks, and for pictures of what an output depends on.
    case weightedSum
    /// A penalty on a sample's outputs, without targets: Keras's `activity_regularizer`.
    case penalty(Penalty)

    /// Whether the loss compares the output with a target.
    public var takesTarget: Bool { if case .penalty = self { false } else { true } }
}

/// What an objective says about a batch.
public struct Score: Sendable, Equatable {
    /// The sum of the samples' losses, each times its sample's weight, without the objective's weight.
    public var loss: Double
    /// For each of the objective's ranks the number of samples whose prediction is right, whatever their weights.
    public var correct: [Double]

    public init(loss: Double, correct: [Double]) {
        self.loss = loss
        self.correct = correct
    }
}
