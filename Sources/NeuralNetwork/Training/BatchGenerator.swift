import Tensors

/// The samples of one step: a tensor per input of the model and one per output, all with the batch as first axis.
public struct Batch: Sendable {
    public var inputs: [Tensor]
    public var targets: [Tensor]

    public init(inputs: [Tensor], targets: [Tensor]) {
        self.inputs = inputs
        self.targets = targets
    }

    /// Number of samples.
    public var count: Int { inputs.first?.shape[0] ?? 0 }
}

/// Hands out the batches of any step of any epoch, in any order, from any thread.
///
/// A batch is a pure function of (epoch, step). That is what lets background threads work ahead of the training
/// step without changing its results, and a resumed run see what the run that was never stopped would have seen.
public protocol BatchGenerator: Sendable {
    /// Samples in one epoch.
    var sampleCount: Int { get }
    /// Samples in every batch but the last of an epoch, which may be shorter.
    var batchSize: Int { get }
    /// The batch of `step` (zero-based, below ``stepsPerEpoch``) of `epoch` (zero-based).
    func batch(epoch: Int, step: Int) throws -> Batch
}

extension BatchGenerator {
    /// Steps that cover every sample once: the last batch may be partial.
    public var stepsPerEpoch: Int { sampleCount == 0 ? 0 : (sampleCount - 1) / batchSize + 1 }
}
