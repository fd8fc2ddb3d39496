import ComputeGraph
import System
import Tensors

extension Model {
    /// One step of the plan for a batch of this size.
    ///
    /// - Parameters:
    ///   - targets: the batch's, or none if no objective reads them. Without them, the batch's weights play no part.
    ///   - shared: the step of all processes that this is a part of.
    ///   - next: the batch of the next step, if it is there already. While this one is computed, its images are on their
    ///     way to the backend.
    func step(
        _ batch: Batch, mode: PlanMode, targets: [Tensor], dropout: RandomStream?, shared: (any SharedStep)? = nil,
        next: () -> Batch?
    ) throws -> StepResult {
        let plan = try plan(batchSize: batch.count, mode: mode)
        let weights = targets.isEmpty ? nil : batch.sampleWeights
        guard let images = batch.storedImages else {
            return try plan.step(
                batch.inputs, targets: targets, sampleWeights: weights, dropout: dropout, shared: shared)
        }
        return try plan.step(images, targets: targets, sampleWeights: weights, dropout: dropout, shared: shared) {
            guard let next = next(), let images = next.storedImages else { return }
            try self.plan(batchSize: next.count, mode: mode).stage(images)
        }
    }
}

extension Batch {
    /// The samples of a part; without one, all samples.
    func part(_ part: BatchPart?) -> Batch { part.map { self[$0.samples] } ?? self }

    /// A hash of all numbers.
    var checksum: String {
        var hash = FNV1a()
        for tensor in inputs + targets { hash.add(tensor.scalars) }
        if let sampleWeights { hash.add(sampleWeights) }
        return hash.hexadecimal
    }

    /// The largest magnitude of the inputs, or a bound of it; infinite or NaN if they may not be finite.
    var largestMagnitude: Float {
        if let storedImages { return storedImages.largestMagnitude }
        return inputs.map(\.largestMagnitude).withUnsafeBufferPointer(\.largestMagnitude)
    }
}
