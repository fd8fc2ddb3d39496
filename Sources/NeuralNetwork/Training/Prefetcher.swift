import Foundation

/// Fetches the batches of an epoch on background threads, ahead of the training step, and returns them in order.
final class Prefetcher: @unchecked Sendable {  // `condition` protects all state.
    private let generator: any BatchGenerator
    private let epoch: Int
    private let parallelism: DataParallelism?
    private let takesStoredImages: Bool
    private let ahead: Int
    private let condition = NSCondition()
    private var nextToFetch: Int
    private var nextToTake: Int
    private var fetched: [Int: Result<Batch, any Error>] = [:]
    private var isCancelled = false

    /// - Parameters:
    ///   - parallelism: if there is one, only this process's part of every batch is fetched.
    ///   - takesStoredImages: whether floats are made only of images that are not stored as bytes.
    ///   - workers: number of threads; with 0 or less each batch is fetched when it is needed.
    init(
        _ generator: any BatchGenerator, epoch: Int, firstStep: Int = 0, parallelism: DataParallelism? = nil,
        takesStoredImages: Bool, workers: Int
    ) {
        self.generator = generator
        self.parallelism = parallelism
        self.takesStoredImages = takesStoredImages
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

            let batch = Result { try fetch(step) }
            condition.lock()
            fetched[step] = batch
            condition.broadcast()
            condition.unlock()
        }
    }

    private func fetch(_ step: Int) throws -> Batch {
        if let parallelism {
            let part = try parallelism.part(ofBatch: generator.rows(ofStep: step).count)
            return try generator.batch(epoch: epoch, step: step, samples: part.samples)
        }
        if takesStoredImages, let batch = try generator.storedBatch(epoch: epoch, step: step) { return batch }
        return try generator.batch(epoch: epoch, step: step)
    }

    /// The batch that ``next()`` will return, if it is there already.
    var ready: Batch? {
        condition.lock()
        defer { condition.unlock() }
        return try? fetched[nextToTake]?.get()
    }

    /// Waits for the next batch and returns it.
    func next() throws -> Batch {
        guard ahead > 0 else {
            defer { nextToTake += 1 }
            return try fetch(nextToTake)
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
