import Foundation
import Tensors

// The lock makes it Sendable: `current` is only touched under it. Not Swift's Mutex: ThreadSanitizer does not see its
// waiting.

/// The order of the samples in each epoch. The current one is kept.
public final class EpochOrder: @unchecked Sendable {
    private let count: Int
    private let seed: UInt64
    private let lock = NSLock()
    private var current: (epoch: Int, permutation: [Int])?

    /// - Parameters:
    ///   - count: number of samples.
    ///   - seed: determines the orders.
    public init(count: Int, seed: UInt64) {
        self.count = count
        self.seed = seed
    }

    /// The sample at each place of the epoch: a permutation of `0..<count`, a function of (seed, epoch).
    public func permutation(epoch: Int) -> [Int] {
        lock.withLock {
            if let current, current.epoch == epoch { return current.permutation }
            let permutation = RandomStream(seed: seed, purpose: .shuffling, epoch: epoch).permutation(count)
            current = (epoch, permutation)
            return permutation
        }
    }
}
