import Foundation

/// Fetches the batches of an epoch on background threads, ahead of the training step, and returns them in order.
final class Prefetcher: @unchecked Sendable {  // `condition` protects all state.
    private let generator: any BatchGenerator
    private let epoch: Int
    private let ahead: Int
    private let condition = NSCondition()
    private var nextToFetch: Int
    private var nextToTake: Int
    private var fetched: [Int: Result<Batch, any Error>] = [:]
    private var isCancelled = false

    /// - Parameter workers: number of threads; with 0 or less each batch is fetched when it is needed.
    init(_ generator: any BatchGenerator, epoch: Int, firstStep: Int = 0, workers: Int) {
        self.generator = generator
        nextToFetch = firstStep
        nextToTake = firstStep
        self.epoch = epoch
        ahead = 4 * max(workers, 0)
        for _ in 0..<min(max(workers, 0), generator.stepsPerEpoch) {
            let thread = Thread { self.work() }
            thread.name = "batches"
            thread.start()
        }
    }

    private func work() {
        while true {
            condition.lock()
            while !isCancelled, nextToFetch >= nextToTake + ahead { condition.wait() }
            guard !isCancelled, nextToFetch < generator.stepsPerEpoch else {
                condition.unlock()
                return
            }
            let step = nextToFetch
            nextToFetch += 1
            condition.unlock()

            let batch = Result { try generator.batch(epoch: epoch, step: step) }
            condition.lock()
            fetched[step] = batch
            condition.broadcast()
            condition.unlock()
        }
    }

    /// Waits for the next batch and returns it.
    func next() throws -> Batch {
        guard ahead > 0 else {
            defer { nextToTake += 1 }
            return try generator.batch(epoch: epoch, step: nextToTake)
        }
        condition.lock()
        defer { condition.unlock() }
        let step = nextToTake
        while fetched[step] == nil { condition.wait() }
        nextToTake += 1
        condition.broadcast()
        guard let batch = fetched.removeValue(forKey: step) else { throw TrainingError("batch \(step) is lost") }
        return try batch.get()
    }

    /// Lets the threads end after their current batch.
    func cancel() {
        condition.lock()
        isCancelled = true
        condition.broadcast()
        condition.unlock()
    }
}
