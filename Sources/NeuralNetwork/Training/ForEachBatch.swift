import ComputeGraph
import System
import Tensors

// What evaluation and prediction have in common: one epoch of batches in inference mode.
extension Model {
    /// Compiles the plan for whole batches before any batch is fetched: if the memory is too small for it, the error
    /// comes before the images take that memory.
    ///
    /// - Returns: whether the plan takes images as they are stored.
    func preparePlan(for generator: some BatchGenerator, _ mode: PlanMode) throws -> Bool {
        guard generator.sampleCount > 0 else { return false }
        let count = min(generator.batchSize, generator.sampleCount)
        let part = parallelism?.part(ofBatch: count)
        return try plan(batchSize: part?.samples.count ?? count, mode: mode).takesStoredImages
    }

    /// - Parameters:
    ///   - title: of the progress bar; `nil` for none.
    ///   - body: returns whether to continue. It can ask for the next batch, which may be there already.
    /// - Returns: whether all batches were processed.
    func forEachBatch(
        of generator: some BatchGenerator, _ mode: PlanMode, showing title: String?,
        _ body: (_ step: Int, Batch, _ next: @escaping () -> Batch?) throws -> Bool
    ) throws -> Bool {
        guard generator.batchSize > 0 else {
            throw TrainingError("the batch size must be positive, not \(generator.batchSize)")
        }
        let takesStoredImages = try preparePlan(for: generator, mode)
        let batches = Prefetcher(
            generator, epoch: 0, parallelism: parallelism, takesStoredImages: takesStoredImages, workers: 1)
        defer { batches.cancel() }
        let bar = title.map { ProgressBar($0, total: generator.sampleCount, delay: ProgressBar.patience) }
        for step in 0..<generator.stepsPerEpoch {
            let batch = try together { try batches.next() }
            let whole = try generator.rows(ofStep: step).count
            let expected = parallelism?.part(ofBatch: whole).samples.count ?? whole
            guard batch.count == expected else {
                throw TrainingError("step \(step) has \(batch.count) samples, but should have \(expected)")
            }
            guard try body(step, batch, { batches.ready }) else { return false }
            bar?.update(min((step + 1) * generator.batchSize, generator.sampleCount))
        }
        return true
    }

    /// The result of `body`, or the error that one of the processes has: all throw it, so that none waits for the others,
    /// and the first can save what is good.
    func together<Result>(_ body: () throws -> Result) throws -> Result {
        guard let communicator = parallelism?.communicator else { return try body() }
        let result = Swift.Result(catching: body)
        var own: (any Error)?
        if case .failure(let error) = result { own = error }
        guard communicator.any(own != nil) else { return try result.get() }
        let words = own.map { $0 is NotFinite ? "a sample, or what is computed of it, is not finite" : "\($0)" } ?? ""
        let texts = communicator.gather(words)
        if let own { throw own }
        let rank = texts.firstIndex { !$0.isEmpty } ?? 0
        throw TrainingError("\(communicator.name(ofProcess: rank)): \(texts[rank])")
    }
}
