/// A training step that several processes compute together, each on some samples of one batch.
///
/// A plan tells it when gradients are final, so that they travel while the rest is computed, and asks it for the sums that
/// a synchronized normalization needs. What it does not tell is final when the step returns.
public protocol SharedStep: AnyObject {
    /// The place of this process's first sample in the whole batch: dropout is that of the whole batch.
    var firstSample: Int { get }
    /// This process's share of the samples, by which the gradient of every objective is multiplied: the gradients of all
    /// processes add up to that of the whole batch. It is 0 for a process that has no sample, and computes another's to take
    /// part.
    var share: Float { get }

    /// Whether this process has samples of its own. One that has none adds nothing to any sum, statistic or gradient.
    var hasSamples: Bool { get }

    /// Replaces numbers by their sums over all processes. All processes call it as often, with as many numbers.
    func sum(_ numbers: inout [Double])
    /// Is called after the backward pass of each node, with the parameters whose gradients are final since the last call.
    func gradientsAreFinal(of parameters: [ParameterID])
}
