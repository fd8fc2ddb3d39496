import ComputeGraph
import System
import Tensors

extension Model {
    /// Trains on arrays with the samples along the first axis: Keras's `fit`.
    ///
    /// - Parameters:
    ///   - inputs: `[samples, ...]`, of the model's input shape.
    ///   - targets: `[samples, ...]`, of the output's shape; every output learns the same targets.
    ///   - batchSize: samples in every batch; the last one of an epoch may have fewer.
    ///   - epochs: the epoch before which training ends.
    ///   - initialEpoch: the first epoch to train, counted from 0.
    ///   - validation: inputs and targets to evaluate on after every epoch.
    ///   - shuffle: whether every epoch has another order, which follows from ``seed``.
    ///   - classWeight: the factor of each class in the training's loss, by class, counted from 0; 1 for classes that are
    ///     not named. The validation's loss has none. A sample's class is its largest target, or the value of a single one.
    ///   - sampleWeight: the factor of each sample in the training's loss, one for each, finite and not negative. The mean
    ///     is over the number of samples, not over the sum of these. Not together with `classWeight`.
    ///   - callbacks: called in this order.
    ///   - verbose: whether progress is shown.
    /// - Returns: the metrics of every epoch.
    /// - Throws: ``TrainingError``, ``DivergenceError``, `BackendError`, or the error of a callback.
    @discardableResult
    public func fit(
        _ inputs: Tensor, _ targets: Tensor, batchSize: Int = 32, epochs: Int = 1, initialEpoch: Int = 0,
        validation: (Tensor, Tensor)? = nil, shuffle: Bool = true, classWeight: [Int: Double]? = nil,
        sampleWeight: [Float]? = nil, callbacks: [any Callback] = [], verbose: Bool = true
    ) throws -> History {
        guard classWeight == nil || sampleWeight == nil else { throw TrainingError.twoKindsOfWeights }
        let batches = try ArrayBatches(
            inputs: [inputs], targets: [Tensor](repeating: targets, count: outputNames.count),
            sampleWeights: sampleWeight, batchSize: batchSize, shuffle: shuffle, seed: seed)
        return try fit(
            batches, epochs: epochs, initialEpoch: initialEpoch, validation: validation, classWeight: classWeight,
            callbacks: callbacks, workers: 1, verbose: verbose)
    }

    /// Trains on the batches of a generator, and evaluates on arrays after every epoch.
    ///
    /// - Parameters:
    ///   - generator: delivers the batches.
    ///   - epochs: the epoch before which training ends.
    ///   - initialEpoch: the first epoch to train, counted from 0.
    ///   - validation: inputs and targets to evaluate on.
    ///   - classWeight: the factor of each class in the training's loss, by class, counted from 0; 1 for classes that are
    ///     not named. The validation's loss has none. A sample's class is its largest target, or the value of a single one.
    ///   - callbacks: called in this order.
    ///   - workers: threads that fetch batches ahead; the results do not depend on them.
    ///   - verbose: whether progress is shown.
    /// - Returns: the metrics of every epoch.
    /// - Throws: ``TrainingError``, ``DivergenceError``, `BackendError`, or an error of the generator or a callback.
    @discardableResult
    public func fit(
        _ generator: some BatchGenerator, epochs: Int, initialEpoch: Int = 0, validation: (Tensor, Tensor)?,
        classWeight: [Int: Double]? = nil, callbacks: [any Callback] = [], workers: Int = 2, verbose: Bool = true
    ) throws -> History {
        let validation = try validation.map { inputs, targets in
            try ArrayBatches(
                inputs: [inputs], targets: [Tensor](repeating: targets, count: outputNames.count),
                batchSize: generator.batchSize, shuffle: false, seed: seed)
        }
        return try fit(
            generator, epochs: epochs, initialEpoch: initialEpoch, validation: validation, classWeight: classWeight,
            callbacks: callbacks, workers: workers, verbose: verbose)
    }

    /// Trains on the batches of a generator, from `initialEpoch` up to but not including `epochs`.
    ///
    /// Everything random follows from ``seed``, the epoch and the step. A run that was stopped, after an epoch or
    /// within one, and is resumed from its file ends with the same bits as a run without a stop, on the same processor.
    ///
    /// If the loss becomes infinite or NaN, the run ends at that step with a ``DivergenceError``. No callback sees the
    /// end of an epoch, or of the training, with weights that are not finite: a bad checkpoint never replaces a good
    /// one.
    ///
    /// - Parameters:
    ///   - generator: delivers the batches.
    ///   - epochs: the epoch before which training ends. If it equals `initialEpoch`, callbacks see only the beginning
    ///     and the end of the training.
    ///   - initialEpoch: the first epoch to train, counted from 0.
    ///   - validation: the data to evaluate on after every epoch; their batches may have weights of their own.
    ///   - classWeight: the factor of each class in the training's loss, by class, counted from 0; 1 for classes that are
    ///     not named. The validation's loss has none. A sample's class is its largest target, or the value of a single one.
    ///     Several outputs need the same targets, while Keras takes one output only. Not together with batches that have
    ///     ``Batch/sampleWeights``.
    ///   - callbacks: called in this order.
    ///   - workers: threads that fetch batches ahead; the results do not depend on them.
    ///   - verbose: whether a terminal shows a progress bar, and every epoch ends with a line.
    /// - Returns: the metrics of every epoch.
    /// - Throws: ``TrainingError``, ``DivergenceError``, `BackendError`, or an error of a generator or a callback.
    @discardableResult
    public func fit(
        _ generator: some BatchGenerator, epochs: Int, initialEpoch: Int = 0,
        validation: (any BatchGenerator)? = nil, classWeight: [Int: Double]? = nil, callbacks: [any Callback] = [],
        workers: Int = 2, verbose: Bool = true
    ) throws -> History {
        guard compilation != nil else { throw notCompiled(before: "fitting") }
        guard initialEpoch >= 0 else { throw TrainingError("epochs are counted from 0, not from \(initialEpoch)") }
        guard epochs >= initialEpoch else {
            throw TrainingError(
                "the model has been trained for \(counted(initialEpoch, "epoch")), more than the \(epochs) to be trained"
            )
        }
        guard generator.sampleCount > 0 else { throw TrainingError("there are no training samples") }
        let classWeights = try classWeight.map { weights in
            try ClassWeights(weights, outputs: graph.outputs.map { graph[$0].shape })
        }
        try requireTrainableWeights()
        for batchSize in [generator.batchSize, validation?.batchSize ?? 1] where batchSize <= 0 {
            throw TrainingError("the batch size must be positive, not \(batchSize)")
        }
        // A model that was stopped within this epoch resumes at its step.
        var firstStep = initialEpoch == state.epochs ? state.step : 0
        guard firstStep == 0 || generator.stepsPerEpoch == state.stepsPerEpoch else {
            throw TrainingError(
                "the model was stopped after \(firstStep) of the \(state.stepsPerEpoch) steps of an epoch, but now an epoch "
                    + "has \(generator.stepsPerEpoch): the data or the batch size have changed")
        }
        let takesStoredImages = try preparePlan(for: generator, trainingMode)
        state.stepsPerEpoch = generator.stepsPerEpoch
        if let parallelism {
            let settings = try sharedSettings(
                of: generator, validation, epochs: initialEpoch..<epochs, firstStep: firstStep)
            try beginTogether(
                parallelism,
                settings + [SharedSetting("weighting of classes", classWeights?.description ?? "none")])
        }
        let callbacks = ((verbose ? [ProgressLogger()] : []) + callbacks).filter { runs($0) }
        let progress = TrainingProgress(
            epochs: epochs, initialEpoch: initialEpoch, stepsPerEpoch: generator.stepsPerEpoch,
            batchSize: generator.batchSize, sampleCount: generator.sampleCount,
            validationSteps: validation?.stepsPerEpoch ?? 0)
        var history = History(initialEpoch: initialEpoch)
        stopTraining = false
        for callback in callbacks { try callback.onTrainBegin(progress, model: self) }
        training: for epoch in initialEpoch..<epochs {
            state.epochs = epoch
            state.step = firstStep
            for callback in callbacks { try callback.onEpochBegin(epoch, model: self) }
            var metrics = newMetrics()
            if firstStep > 0 { metrics.sums = state.sums }
            let batches = Prefetcher(
                generator, epoch: epoch, firstStep: firstStep, parallelism: parallelism,
                takesStoredImages: takesStoredImages, workers: workers)
            defer { batches.cancel() }
            for step in firstStep..<generator.stepsPerEpoch {
                for callback in callbacks { try callback.onBatchBegin(step, model: self) }
                let batch = try batches.next()
                let part = parallelism?.part(ofBatch: try generator.rows(ofStep: step).count)
                try trainStep(batch, part, classWeights, epoch: epoch, step: step, metrics: &metrics) {
                    batches.ready
                }
                state.step = step + 1
                let logs = metrics.logs()
                for callback in callbacks { try callback.onBatchEnd(step, logs: logs, model: self) }
                agreeOnStopping()
                // Stopping on the last step still validates and ends the epoch.
                if stopTraining, step + 1 < generator.stepsPerEpoch {
                    try checkWeights(epoch: epoch, step: step)
                    state.sums = metrics.sums
                    break training
                }
            }
            firstStep = 0
            // For a checkpoint, if validation is interrupted.
            state.sums = metrics.sums
            var logs = metrics.logs()
            // Weights and validation loss are checked before any callback replaces a good checkpoint.
            try checkWeights(epoch: epoch, step: nil)
            if let parallelism { try requireSameWeights(parallelism, epoch: epoch) }
            if let validation {
                let stopsAfterEpoch = stopTraining
                stopTraining = false
                // Validation was interrupted: all steps of the epoch are done, but not its end.
                guard let evaluated = try validate(on: validation, epoch: epoch, callbacks) else { break training }
                stopTraining = stopTraining || stopsAfterEpoch
                logs.merge(evaluated) { _, new in new }
            }
            state.epochs = epoch + 1
            state.step = 0
            state.sums = []
            history.append(logs)
            for callback in callbacks { try callback.onEpochEnd(epoch, logs: logs, model: self) }
            agreeOnStopping()
            if stopTraining { break }
        }
        for callback in callbacks { try callback.onTrainEnd(self) }
        return history
    }

    /// What has to be the same in all processes.
    private func sharedSettings(
        of generator: some BatchGenerator, _ validation: (any BatchGenerator)?, epochs: Range<Int>, firstStep: Int
    ) throws -> [SharedSetting] {
        // All steps of an epoch may be done, but not its validation.
        let step = min(firstStep, generator.stepsPerEpoch - 1)
        let first = try generator.batch(epoch: epochs.lowerBound, step: step)
        let validated = try validation.map { $0.sampleCount > 0 ? try $0.batch(epoch: 0, step: 0).checksum : "" }
        return [
            SharedSetting("number of samples", generator.sampleCount),
            SharedSetting("batch size", generator.batchSize),
            SharedSetting("number of validation samples", validation?.sampleCount ?? 0),
            SharedSetting("number of epochs", epochs.upperBound), SharedSetting("first epoch", epochs.lowerBound),
            SharedSetting("first step", firstStep), SharedSetting("seed", seed),
            SharedSetting("first batch", first.checksum), SharedSetting("first validation batch", validated ?? ""),
        ]
    }

    /// Loss and metrics on the validation data; `nil` if a callback stopped it.
    ///
    /// - Throws: ``DivergenceError`` if they are not finite, or an error of the data or a callback.
    private func validate(
        on validation: some BatchGenerator, epoch: Int, _ callbacks: [any Callback]
    ) throws -> Logs? {
        do {
            return try measure(validation, prefix: "val_") { step in
                for callback in callbacks { try callback.onTestBatchEnd(step, model: self) }
                agreeOnStopping()
                return !stopTraining
            }
        } catch let fault as NotFinite {
            throw divergence(
                .validationLoss, isNaN: fault.loss.isNaN, epoch: epoch, step: nil,
                try anomaly(in: fault.batch, dropout: nil), fault.batch)
        } catch {
            // The epoch is trained and its weights are good: they are saved even if the validation data are not.
            for callback in callbacks { try? callback.onTrainEnd(self) }
            throw error
        }
    }

    /// Whether a callback is called in this process.
    private func runs(_ callback: any Callback) -> Bool {
        callback.runsInEveryProcess || parallelism?.communicator.isFirst != false
    }

    /// Stops all processes if one of them stops.
    private func agreeOnStopping() {
        if let parallelism { stopTraining = parallelism.communicator.any(stopTraining) }
    }
}
