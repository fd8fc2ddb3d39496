import Tensors

/// The samples of one step: a tensor per input of the model and one per output, all with the batch as first axis.
public struct Batch: Sendable {
    public var inputs: [Tensor]
    public var targets: [Tensor]
    /// Where each sample lies in the data set, counted from 0, for messages; `nil` where nobody says.
    public var rows: [Int]?

    public init(inputs: [Tensor], targets: [Tensor], rows: [Int]? = nil) {
        self.inputs = inputs
        self.targets = targets
        self.rows = rows
    }

    /// Number of samples.
    public var count: Int { inputs.first?.rowCount ?? 0 }
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
    public var stepsPerEpoch: Int { sampleCount <= 0 || batchSize <= 0 ? 0 : (sampleCount - 1) / batchSize + 1 }

    /// The samples of `step`, as places in the epoch's order.
    ///
    /// - Throws: ``TrainingError`` for a step that an epoch does not have.
    public func rows(ofStep step: Int) throws -> Range<Int> {
        guard (0..<stepsPerEpoch).contains(step) else {
            throw TrainingError("there is no step \(step): an epoch has \(stepsPerEpoch)")
        }
        return step * batchSize..<min((step + 1) * batchSize, sampleCount)
    }
}
