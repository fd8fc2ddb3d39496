import Foundation
import Tensors

/// The batches of arrays in memory, in a new order every epoch, or always in the same.
public struct ArrayBatches: BatchGenerator {
    public let inputs: [Tensor]
    public let targets: [Tensor]
    public let batchSize: Int
    private let order: EpochOrder?

    /// - Throws: ``TrainingError`` where the arrays have different numbers of samples.
    public init(inputs: [Tensor], targets: [Tensor], batchSize: Int, shuffle: Bool, seed: UInt64) throws {
        guard let count = inputs.first?.rowCount, (inputs + targets).allSatisfy({ $0.rowCount == count }) else {
            let counts = (inputs + targets).map { String($0.rowCount) }.joined(separator: ", ")
            throw TrainingError(
                "inputs and targets must have one number of samples, but have \(counts.isEmpty ? "none" : counts)")
        }
        guard count > 0 else { throw TrainingError("there are no samples") }
        guard batchSize > 0 else { throw TrainingError("the batch size must be positive, not \(batchSize)") }
        self.inputs = inputs
        self.targets = targets
        self.batchSize = batchSize
        order = shuffle ? EpochOrder(count: count, seed: seed) : nil
    }

    public var sampleCount: Int { inputs[0].shape[0] }

    public func batch(epoch: Int, step: Int) throws -> Batch {
        let range = try rows(ofStep: step)
        guard let order else {
            return Batch(
                inputs: inputs.map { $0[rows: range] }, targets: targets.map { $0[rows: range] }, rows: Array(range))
        }
        let rows = Array(order.permutation(epoch: epoch)[range])
        return Batch(
            inputs: inputs.map { $0.gathered(rows: rows) }, targets: targets.map { $0.gathered(rows: rows) }, rows: rows
        )
    }
}

/// The order of the samples in each epoch; the current one is kept.
// The lock makes it Sendable: `current` is only touched under it. It is not Swift's Mutex, which waits in a place where
// ThreadSanitizer does not see it.
public final class EpochOrder: @unchecked Sendable {
    private let count: Int
    private let seed: UInt64
    private let lock = NSLock()
    private var current: (epoch: Int, permutation: [Int])?

    public init(count: Int, seed: UInt64) {
        self.count = count
        self.seed = seed
    }

    public func permutation(epoch: Int) -> [Int] {
        lock.withLock {
            if let current, current.epoch == epoch { return current.permutation }
            let permutation = RandomStream(seed: seed, purpose: .shuffling, epoch: epoch).permutation(count)
            current = (epoch, permutation)
            return permutation
        }
    }
}
