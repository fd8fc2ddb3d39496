import ComputeGraph
import System
import Tensors

// A step of training: forward, loss, backward, update.
extension Model {
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

    func requireTrainableWeights() throws {
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
    func trainStep(
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
    func dropout(epoch: Int, step: Int) -> RandomStream {
        RandomStream(seed: seed, purpose: .dropout, epoch: epoch, index: step)
    }

    func checkWeights(epoch: Int, step: Int?) throws {
        guard let weight = try firstWeightThatIsNotFinite() else { return }
        let name = graph[weight].name
        throw divergence(.weight(name), isNaN: false, epoch: epoch, step: step, .weight(name))
    }

    func divergence(
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

    var trainingMode: PlanMode {
        var mode = PlanMode.training(objectives())
        mode.synchronizesStatistics = parallelism?.synchronizesBatchNormalization ?? false
        return mode
    }

    func newMetrics() -> Metrics {
        Metrics(outputNames: outputNames, metrics: compilation?.metrics ?? [])
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
    func penalty() throws -> Double {
        try parameters().penalty(includingFrozen: compilation?.penalizesFrozenWeights ?? false)
    }

    /// Adds a batch to the metrics.
    ///
    /// - Returns: its loss, penalties included.
    func add(_ scores: [Score], penalty: Double, samples: Int, to metrics: inout Metrics) -> Double {
        var loss = penalty
        let weights = compilation?.lossWeights ?? []
        for (index, score) in scores.enumerated() {
            loss += (index < weights.count ? weights[index] : 1) * score.loss / Double(samples)
        }
        metrics.add(samples: samples, loss: loss, scores: scores)
        return loss
    }
}
