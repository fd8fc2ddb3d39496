import ComputeGraph
import Tensors

extension Model {
    /// One step of the plan for a batch of this size.
    ///
    /// - Parameter next: the batch of the next step, if it is there already. While this one is computed, its images are
    ///   on their way to the backend.
    func step(
        _ batch: Batch, mode: PlanMode, targets: [Tensor], dropout: RandomStream?, next: () -> Batch?
    ) throws -> StepResult {
        let plan = try plan(batchSize: batch.count, mode: mode)
        guard let images = batch.storedImages else {
            return try plan.step(batch.inputs, targets: targets, dropout: dropout)
        }
        return try plan.step(images, targets: targets, dropout: dropout) {
            guard let next = next(), let images = next.storedImages else { return }
            try self.plan(batchSize: next.count, mode: mode).stage(images)
        }
    }
}

extension Batch {
    /// The largest magnitude of the inputs, or a bound of it; infinite or NaN if they may not be finite.
    var largestMagnitude: Float {
        if let storedImages { return storedImages.largestMagnitude }
        return inputs.map(\.largestMagnitude).withUnsafeBufferPointer(\.largestMagnitude)
    }
}
