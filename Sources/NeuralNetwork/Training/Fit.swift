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
            // All steps of an epoch may be done, but not its validation.
            let step = min(firstStep, generator.stepsPerEpoch - 1)
            let first = try generator.batch(epoch: initialEpoch, step: step)
            let validated = try validation.map { $0.sampleCount > 0 ? try $0.batch(epoch: 0, step: 0).checksum : "" }
            try beginTogether(
                parallelism,
                [
                    SharedSetting("number of samples", generator.sampleCount),
                    SharedSetting("batch size", generator.batchSize),
                    SharedSetting("number of validation samples", validation?.sampleCount ?? 0),
                    SharedSetting("number of epochs", epochs), SharedSetting("first epoch", initialEpoch),
                    SharedSetting("first step", firstStep), SharedSetting("seed", seed),
                    SharedSetting("weighting of classes", classWeights?.description ?? "none"),
                    SharedSetting("first batch", first.checksum),
                    SharedSetting("first validation batch", validated ?? ""),
                ])
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
                let evaluated: Logs?
                do {
                    evaluated = try measure(validation, prefix: "val_") { step in
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
                // Validation was interrupted: all steps of the epoch are done, but not its end.
                guard let evaluated else { break training }
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

    /// Whether a callback is called in this process.
    private func runs(_ callback: any Callback) -> Bool {
        callback.runsInEveryProcess || parallelism?.communicator.isFirst != false
    }

    /// Stops all processes if one of them stops.
    private func agreeOnStopping() {
        if let parallelism { stopTraining = parallelism.communicator.any(stopTraining) }
    }

    /// One step: forward, loss, backward, update. Keras's `train_on_batch`.
    ///
    /// - Parameters:
    ///   - batch: inputs and targets, perhaps weights of samples; with ``parallelism``, the whole batch in every process.
    ///   - epoch: counted from 0; determines the dropout.
    ///   - step: counted from 0; determines the dropout.
    /// - Returns: the loss before the update, penalties included.
    /// - Throws: ``TrainingError``, ``DivergenceError`` or `BackendError`.
    @discardableResult
    public func trainOnBatch(_ batch: Batch, epoch: Int = 0, step: Int = 0) throws -> Double {
        try requireTrainableWeights()
        var metrics = newMetrics()
        let part = parallelism?.part(ofBatch: batch.count)
        try trainStep(batch.part(part), part, epoch: epoch, step: step, metrics: &metrics)
        return metrics.logs()["loss"] ?? .nan
    }

    private func requireTrainableWeights() throws {
        guard graph.parameters.contains(where: \.isTrainable) else {
            throw TrainingError(
                "there is nothing to train: "
                    + (isTrainable
                        ? "all weights of \"\(name)\" are frozen; free a layer with setTrainable(true)"
                        : "the model \"\(name)\" is frozen as a whole; free it with setTrainable(true), then freeze layers")
            )
        }
    }

    /// - Parameters:
    ///   - part: what `batch` is of the batch that all processes train on.
    ///   - next: the batch of the next step, if it is there already.
    private func trainStep(
        _ batch: Batch, _ part: BatchPart?, _ classWeights: ClassWeights? = nil, epoch: Int, step: Int,
        metrics: inout Metrics, next: () -> Batch? = { nil }
    ) throws {
        guard let compilation else { throw notCompiled(before: "training") }
        // Before the forward pass, because a ReLU may turn NaN into a number.
        if let anomaly = dataAnomaly(in: batch) {
            throw divergence(.loss, isNaN: true, epoch: epoch, step: step, anomaly, batch)
        }
        var batch = batch
        if let classWeights {
            try check(batch)
            batch.sampleWeights = try classWeights.sampleWeights(of: batch)
        }
        let loss = try gradients(of: batch, part, epoch: epoch, step: step, metrics: &metrics, next: next)
        let storage = try parameters()
        func diverged(_ quantity: DivergenceError.Quantity) throws -> DivergenceError {
            divergence(
                quantity, isNaN: loss.isNaN, epoch: epoch, step: step,
                try anomaly(in: batch, dropout: dropout(epoch: epoch, step: step)), batch)
        }
        guard loss.isFinite else { throw try diverged(.loss) }
        // Before the update: these are the weights that produced it.
        if detectsAnomalies, let parameter = graph.parameterIDs.last(where: { !storage.isGradientFinite($0) }) {
            throw try diverged(.gradient(ofWeight: graph[parameter].name))
        }
        try update(compilation)
        if detectsAnomalies { try checkWeights(epoch: epoch, step: step) }
    }

    /// Updates the weights from their gradients; or, if several steps make an update, adds these gradients to the others.
    private func update(_ compilation: Compilation) throws {
        let storage = try parameters(), steps = compilation.gradientSteps
        // The steps of an update, as Keras 3 counts: schedules see every step, the optimizer every update.
        let perUpdate = compilation.gradientAccumulationSteps
        let rule = compilation.optimizer.rule(iteration: state.iterations / perUpdate, step: state.iterations)
        state.iterations += 1
        guard perUpdate > 1 || !steps.isEmpty else { return storage.update(rule, addingPenalties: true) }
        storage.addPenaltyGradients()
        let graph = graph, trained = graph.parameterIDs.filter { graph[$0].isTrainable }
        let ranges = trained.map(storage.gradientRange)
        let isComplete = storage.withGradients { gradients in
            if perUpdate > 1 {
                accumulate(gradients, ranges)
                guard state.iterations % perUpdate == 0 else { return false }
                for (range, sums) in zip(ranges, accumulatedGradients) {
                    for (i, sum) in zip(range, sums) { gradients[i] = sum / Float(perUpdate) }
                }
                accumulatedGradients = []
            }
            for step in steps {
                step.apply(to: gradients, ranges: ranges) { storage.weight(trained[$0]) }
            }
            return true
        }
        if isComplete { storage.update(rule, addingPenalties: false) }
    }

    private func accumulate(_ gradients: UnsafeMutableBufferPointer<Float>, _ ranges: [Range<Int>]) {
        // The sums begin anew if layers were frozen or freed.
        guard accumulatedGradients.map(\.count) == ranges.map(\.count) else {
            accumulatedGradients = ranges.map { Array(gradients[$0]) }
            return
        }
        for (index, range) in ranges.enumerated() {
            for (i, place) in range.enumerated() { accumulatedGradients[index][i] += gradients[place] }
        }
    }

    /// The random numbers of dropout in this step.
    private func dropout(epoch: Int, step: Int) -> RandomStream {
        RandomStream(seed: seed, purpose: .dropout, epoch: epoch, index: step)
    }

    private func checkWeights(epoch: Int, step: Int?) throws {
        guard let weight = try firstWeightThatIsNotFinite() else { return }
        let name = graph[weight].name
        throw divergence(.weight(name), isNaN: false, epoch: epoch, step: step, .weight(name))
    }

    private func divergence(
        _ quantity: DivergenceError.Quantity, isNaN: Bool, epoch: Int, step: Int?, _ anomaly: Anomaly?,
        _ batch: Batch? = nil
    ) -> DivergenceError {
        DivergenceError(
            quantity: quantity, epoch: epoch, step: step, learningRate: learningRate, anomaly: anomaly,
            checkpoint: lastCheckpoint, isNaN: isNaN,
            anomalyDescription: anomaly.map { anomaly in
                batch.map { anomaly.description(in: $0) } ?? anomaly.description
            })
    }

    private var trainingMode: PlanMode {
        var mode = PlanMode.training(objectives())
        mode.synchronizesStatistics = parallelism?.synchronizesBatchNormalization ?? false
        return mode
    }

    private func newMetrics() -> Metrics {
        Metrics(outputNames: outputNames, metrics: compilation?.metrics ?? [])
    }

    /// Compiles the plan for whole batches before any batch is fetched: if the memory is too small for it, the error
    /// comes before the images take that memory.
    ///
    /// - Returns: whether the plan takes images as they are stored.
    private func preparePlan(for generator: some BatchGenerator, _ mode: PlanMode) throws -> Bool {
        guard generator.sampleCount > 0 else { return false }
        let count = min(generator.batchSize, generator.sampleCount)
        let part = parallelism?.part(ofBatch: count)
        return try plan(batchSize: part?.samples.count ?? count, mode: mode).takesStoredImages
    }

    /// Forward, loss and backward; leaves the gradients in `ParameterStorage`.
    ///
    /// - Parameters:
    ///   - part: what `batch` is of the batch that all processes train on. All get the gradients of the whole.
    ///   - next: the batch of the next step, if it is there already.
    /// - Returns: the loss of the whole batch, penalties included.
    func gradients(
        of batch: Batch, _ part: BatchPart? = nil, epoch: Int, step: Int, metrics: inout Metrics,
        next: () -> Batch? = { nil }
    ) throws -> Double {
        try check(batch)
        let penalty = try penalty()
        func scores(_ shared: (any SharedStep)?) throws -> [Score] {
            try self.step(
                batch, mode: trainingMode, targets: batch.targets, dropout: dropout(epoch: epoch, step: step),
                shared: shared, next: next
            ).scores
        }
        guard let parallelism, let part else {
            return add(try scores(nil), penalty: penalty, samples: batch.count, to: &metrics)
        }
        let storage = try parameters(), graph = graph
        let ofPart = try storage.withGradients { gradients in
            let exchange = GradientExchange(part, parallelism, graph, storage, gradients: gradients)
            let scores = try scores(exchange)
            exchange.finish()
            return scores
        }
        let total = total(ofPart, of: part, parallelism.communicator)
        return add(total, penalty: penalty, samples: part.batch, to: &metrics)
    }

    /// The penalties on all weights.
    private func penalty() throws -> Double {
        try parameters().penalty(includingFrozen: compilation?.penalizesFrozenWeights ?? false)
    }

    /// Adds a batch to the metrics.
    ///
    /// - Returns: its loss, penalties included.
    private func add(_ scores: [Score], penalty: Double, samples: Int, to metrics: inout Metrics) -> Double {
        var loss = penalty
        let weights = compilation?.lossWeights ?? []
        for (index, score) in scores.enumerated() {
            loss += (index < weights.count ? weights[index] : 1) * score.loss / Double(samples)
        }
        metrics.add(samples: samples, loss: loss, scores: scores)
        return loss
    }

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
    private func measure(
        _ generator: some BatchGenerator, prefix: String, showing title: String? = nil,
        onBatch: (_ step: Int) throws -> Bool
    ) throws -> Logs? {
        let objectives = objectives()
        guard !objectives.isEmpty else { throw notCompiled(before: "evaluating") }
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

    /// The result of `body`, or the error that one of the processes has: all throw it, so that none waits for the others,
    /// and the first can save what is good.
    private func together<Result>(_ body: () throws -> Result) throws -> Result {
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

    /// - Parameters:
    ///   - title: of the progress bar; `nil` for none.
    ///   - body: returns whether to continue. It can ask for the next batch, which may be there already.
    /// - Returns: whether all batches were processed.
    private func forEachBatch(
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

    /// The first output for every sample, in inference mode: Keras's `predict`.
    ///
    /// - Parameters:
    ///   - inputs: `[samples, ...]`, of the model's input shape.
    ///   - batchSize: samples that are computed together.
    ///   - verbose: whether progress is shown, if it takes more than two seconds.
    /// - Returns: `[samples, ...]`, of the output's shape.
    /// - Throws: ``TrainingError``, also naming a sample or a layer's output that is not finite; `BackendError`.
    public func predict(_ inputs: Tensor, batchSize: Int = 32, verbose: Bool = false) throws -> Tensor {
        try predict([inputs], batchSize: batchSize, verbose: verbose)[0]
    }

    /// All outputs for every sample, in inference mode.
    ///
    /// - Parameters:
    ///   - inputs: one tensor for each input of the model, `[samples, ...]`.
    ///   - batchSize: samples that are computed together.
    ///   - verbose: whether progress is shown, if it takes more than two seconds.
    /// - Returns: one tensor for each output, `[samples, ...]`.
    /// - Throws: ``TrainingError``, also naming a sample or a layer's output that is not finite; `BackendError`.
    public func predict(_ inputs: [Tensor], batchSize: Int = 32, verbose: Bool = false) throws -> [Tensor] {
        try predict(nodes: graph.outputs, arrays(inputs, batchSize: batchSize), verbose: verbose)
    }

    /// The outputs of any layers, in inference mode, to look inside a network. They need not be finite.
    ///
    /// - Parameters:
    ///   - names: of the layers.
    ///   - inputs: `[samples, ...]`, of the model's input shape.
    ///   - batchSize: samples that are computed together.
    /// - Returns: one tensor for each layer, `[samples, ...]`.
    /// - Throws: ``LayerError`` for a layer that does not exist, ``TrainingError`` for a sample that is not finite; `BackendError`.
    public func outputs(ofLayers names: [String], for inputs: Tensor, batchSize: Int = 32) throws -> [Tensor] {
        let nodes = try names.map { name in
            guard let node = node(of: try layer(named: name).output) else {
                throw TrainingError("the layer \"\(name)\" is inside another model")
            }
            return node
        }
        return try compute(
            nodes: nodes, computing: nodes, arrays([inputs], batchSize: batchSize), verbose: false
        ) { batch, _ in
            guard dataAnomaly(in: batch) == nil else { throw NotFinite(batch: batch) }
            return try plan(batchSize: batch.count, mode: .inference(outputs: nodes)).predict(batch.inputs)
        }
    }

    /// The first output for every sample of one epoch of a generator, in inference mode.
    ///
    /// - Parameters:
    ///   - generator: delivers the batches; targets are not used.
    ///   - verbose: whether progress is shown, if it takes more than two seconds.
    /// - Returns: `[samples, ...]`, of the output's shape.
    /// - Throws: ``TrainingError``, also naming a sample or a layer's output that is not finite; `BackendError`, or an
    ///   error of the generator.
    public func predict(_ generator: some BatchGenerator, verbose: Bool = false) throws -> Tensor {
        try predict(nodes: [graph.outputs[0]], generator, verbose: verbose)[0]
    }

    private func arrays(_ inputs: [Tensor], batchSize: Int) throws -> ArrayBatches {
        try ArrayBatches(inputs: inputs, targets: [], batchSize: batchSize, shuffle: false, seed: 0)
    }

    private func predict(nodes: [NodeID], _ generator: some BatchGenerator, verbose: Bool) throws -> [Tensor] {
        try compute(nodes: nodes, computing: nodesToCompute(for: nodes), generator, verbose: verbose) {
            try finiteOutputs(of: nodes, for: $0, next: $1)
        }
    }

    private func compute(
        nodes: [NodeID], computing planned: [NodeID], _ generator: some BatchGenerator, verbose: Bool,
        outputs: (Batch, _ next: @escaping () -> Batch?) throws -> [Tensor]
    ) throws -> [Tensor] {
        var scalars = [[Float]](repeating: [], count: nodes.count)
        _ = try explaining {
            try forEachBatch(of: generator, .inference(outputs: planned), showing: verbose ? "samples predicted" : nil)
            { step, batch, next in
                let part = try parallelism?.part(ofBatch: generator.rows(ofStep: step).count)
                for (index, output) in try outputs(batch, next).enumerated() {
                    scalars[index] += part?.amongZeros(output).scalars ?? output.scalars
                }
                return true
            }
        }
        // Every process has the outputs of its own parts, and zeros for the others.
        if let parallelism { for index in nodes.indices { parallelism.communicator.sum(&scalars[index]) } }
        return zip(nodes, scalars).map {
            Tensor(shape: graph[$0].shape.batched(generator.sampleCount), scalars: $1)
        }
    }

    /// Refuses targets and weights that do not fit.
    private func check(_ batch: Batch) throws {
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
