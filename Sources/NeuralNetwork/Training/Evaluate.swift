import ComputeGraph
import System
import Tensors

// Loss and accuracy in inference mode.
extension Model {
    /// Loss and accuracy on arrays, in inference mode: Keras's `evaluate`.
    ///
    /// - Parameters:
    ///   - inputs: `[samples, ...]`, of the model's input shape.
    ///   - targets: `[samples, ...]`, of the output's shape; the same for every output.
    ///   - batchSize: samples that are computed together.
    ///   - sampleWeight: the factor of each sample in the loss, one for each, finite and not negative. The mean is over the
    ///     number of samples, not over the sum of these, and the accuracy ignores them.
    ///   - prefix: precedes the names of the metrics.
    ///   - verbose: whether progress is shown, if it takes more than two seconds.
    /// - Returns: `loss` and `acc`; for several outputs also those of each.
    /// - Throws: ``TrainingError``, also naming a sample or a layer's output that is not finite; `BackendError`.
    public func evaluate(
        _ inputs: Tensor, _ targets: Tensor, batchSize: Int = 32, sampleWeight: [Float]? = nil, prefix: String = "",
        verbose: Bool = false
    ) throws -> Logs {
        let batches = try ArrayBatches(
            inputs: [inputs], targets: [Tensor](repeating: targets, count: outputNames.count),
            sampleWeights: sampleWeight, batchSize: batchSize, shuffle: false, seed: seed)
        return try evaluate(batches, prefix: prefix, verbose: verbose)
    }

    /// Loss and accuracy on one epoch of a generator, in inference mode.
    ///
    /// - Parameters:
    ///   - generator: delivers the batches.
    ///   - prefix: precedes the names of the metrics.
    ///   - verbose: whether progress is shown, if it takes more than two seconds.
    /// - Returns: `loss` and `acc`; for several outputs also those of each.
    /// - Throws: ``TrainingError``, also naming a sample or a layer's output that is not finite; `BackendError`, or an
    ///   error of the generator.
    public func evaluate(
        _ generator: some BatchGenerator, prefix: String = "", verbose: Bool = false
    ) throws -> Logs {
        try explaining {
            try measure(generator, prefix: prefix, showing: verbose ? "samples evaluated" : nil) { _ in true } ?? [:]
        }
    }

    /// - Parameters:
    ///   - title: of the progress bar; `nil` for none.
    ///   - onBatch: is called after every step, and returns whether to continue.
    /// - Returns: `nil` if it was interrupted.
    /// - Throws: ``NotFinite``, and errors of the generator and the backend.
    func measure(
        _ generator: some BatchGenerator, prefix: String, showing title: String? = nil,
        onBatch: (_ step: Int) throws -> Bool
    ) throws -> Logs? {
        let objectives = objectives()
        guard !objectives.isEmpty else { throw notCompiled(before: "evaluating") }
        guard generator.sampleCount > 0 else { throw TrainingError("there are no samples to evaluate") }
        // The values of layers with a penalty need not be returned.
        let nodes = objectives.filter(\.loss.takesTarget).map(\.node)
        var metrics = newMetrics()
        let penalty = try penalty()
        let planned = try PlanMode.inference(outputs: nodesToCompute(for: nodes), objectives: objectives)
        let isWhole = try forEachBatch(of: generator, planned, showing: title) { step, batch, next in
            try check(batch)
            var scores = try together { try finiteResult(of: nodes, objectives, for: batch, next: next).scores }
            let whole = try generator.rows(ofStep: step).count
            if let parallelism {
                scores = total(scores, of: parallelism.part(ofBatch: whole), parallelism.communicator)
            }
            let loss = add(scores, penalty: penalty, samples: whole, to: &metrics)
            guard loss.isFinite else { throw NotFinite(batch: batch, loss: loss) }
            return try onBatch(step)
        }
        return isWhole ? metrics.logs(prefix: prefix) : nil
    }

    /// Refuses targets and weights that do not fit.
    func check(_ batch: Batch) throws {
        let targets = batch.targets
        guard targets.count == graph.outputs.count else {
            throw TrainingError(
                "the model has \(counted(graph.outputs.count, "output")), but is given \(counted(targets.count, "target"))"
            )
        }
        for (target, output) in zip(targets, graph.outputs) {
            let expected = graph[output].shape.batched(batch.count)
            guard target.shape == expected else {
                throw TrainingError("targets of shape \(target.shape) do not fit the model's output \(expected)")
            }
        }
        if let weights = batch.sampleWeights {
            try TrainingError.check(sampleWeights: weights, samples: batch.count)
        }
    }
}
