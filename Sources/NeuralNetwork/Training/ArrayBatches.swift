import Tensors

/// Batches of arrays in memory, in a new order every epoch or always in the same order.
public struct ArrayBatches: BatchGenerator {
    /// One tensor for each input of the model, samples along the first axis.
    public let inputs: [Tensor]
    /// One tensor for each output of the model, samples along the first axis.
    public let targets: [Tensor]
    /// The factor of each sample's loss; `nil`: all 1.
    public let sampleWeights: [Float]?
    /// Samples in every batch; the last one of an epoch may have fewer.
    public let batchSize: Int
    private let order: EpochOrder?

    /// - Parameters:
    ///   - inputs: one tensor for each input of the model, `[samples, ...]`.
    ///   - targets: one tensor for each output of the model, `[samples, ...]`.
    ///   - sampleWeights: the factor of each sample's loss, finite and not negative; all 1 by default.
    ///   - batchSize: samples in every batch, at least 1.
    ///   - shuffle: whether every epoch has another order.
    ///   - seed: determines the orders.
    /// - Throws: ``TrainingError`` if the arrays have different numbers of samples or none, a sample's weight is missing,
    ///   negative or not finite, or the batch size is not positive.
    public init(
        inputs: [Tensor], targets: [Tensor], sampleWeights: [Float]? = nil, batchSize: Int, shuffle: Bool, seed: UInt64
    ) throws {
        guard let count = inputs.first?.rowCount, (inputs + targets).allSatisfy({ $0.rowCount == count }) else {
            let counts = (inputs + targets).map { String($0.rowCount) }.joined(separator: ", ")
            throw TrainingError(
                "inputs and targets must have the same number of samples, but have \(counts.isEmpty ? "none" : counts)")
        }
        guard count > 0 else { throw TrainingError("there are no samples") }
        guard batchSize > 0 else { throw TrainingError("the batch size must be positive, not \(batchSize)") }
        if let sampleWeights { try TrainingError.check(sampleWeights: sampleWeights, samples: count) }
        self.inputs = inputs
        self.targets = targets
        self.sampleWeights = sampleWeights
        self.batchSize = batchSize
        order = shuffle ? EpochOrder(count: count, seed: seed) : nil
    }

    /// Samples in one epoch.
    public var sampleCount: Int { inputs[0].shape[0] }

    /// The batch of a step.
    ///
    /// - Throws: ``TrainingError`` for a step that an epoch does not have.
    public func batch(epoch: Int, step: Int) throws -> Batch {
        batch(of: try rows(ofStep: step, epoch: epoch, in: order))
    }

    /// Some samples of the batch of a step.
    ///
    /// - Throws: ``TrainingError`` for a step that an epoch does not have, or samples that a step does not have.
    public func batch(epoch: Int, step: Int, samples: Range<Int>) throws -> Batch {
        batch(of: try rows(ofStep: step, samples: samples, epoch: epoch, in: order))
    }

    private func batch(of rows: [Int]) -> Batch {
        Batch(
            inputs: inputs.map { $0.gathered(rows: rows) }, targets: targets.map { $0.gathered(rows: rows) },
            sampleWeights: sampleWeights.map { weights in rows.map { weights[$0] } }, rows: rows)
    }
}
