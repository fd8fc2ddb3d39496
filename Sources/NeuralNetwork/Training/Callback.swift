/// The metrics of an epoch, by Keras's names: `loss`, `acc`, `val_loss`, `val_acc`; for several outputs also
/// `NAME_loss` and `NAME_acc` of each output.
public typealias Logs = [String: Double]

/// Code that runs during training: Keras's `Callback`. Epochs and steps are counted from 0.
///
/// Every method does nothing by default. An error ends the training and is thrown by `fit`.
public protocol Callback: AnyObject {
    /// Whether every process of a ``DataParallelism`` calls it, and not the first alone: true by default, as what changes
    /// the training needs it. What writes files or reports returns false; it must not call `fit`, `evaluate` or `predict`,
    /// in which all processes take part.
    var runsInEveryProcess: Bool { get }
    /// Before the first epoch.
    func onTrainBegin(_ training: TrainingProgress, model: Model) throws
    /// Before the first step of an epoch.
    func onEpochBegin(_ epoch: Int, model: Model) throws
    /// Before a step.
    func onBatchBegin(_ step: Int, model: Model) throws
    /// After a step.
    ///
    /// - Parameters:
    ///   - step: counted from 0.
    ///   - logs: means over the epoch so far.
    ///   - model: the model with its new weights.
    func onBatchEnd(_ step: Int, logs: Logs, model: Model) throws
    /// After a batch of validation data: Keras's `on_test_batch_end`. If it sets ``Model/stopTraining``, validation
    /// ends: the epoch's steps are done, but the epoch is not over.
    func onTestBatchEnd(_ step: Int, model: Model) throws
    /// After an epoch and its validation.
    ///
    /// - Parameters:
    ///   - epoch: counted from 0.
    ///   - logs: means over the epoch, validation included.
    ///   - model: the model, whose weights are finite.
    func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) throws
    /// After the last epoch, or when training stops.
    func onTrainEnd(_ model: Model) throws
}

extension Callback {
    /// True.
    public var runsInEveryProcess: Bool { true }
    /// Does nothing.
    public func onTrainBegin(_ training: TrainingProgress, model: Model) throws {}
    /// Does nothing.
    public func onEpochBegin(_ epoch: Int, model: Model) throws {}
    /// Does nothing.
    public func onBatchBegin(_ step: Int, model: Model) throws {}
    /// Does nothing.
    public func onBatchEnd(_ step: Int, logs: Logs, model: Model) throws {}
    /// Does nothing.
    public func onTestBatchEnd(_ step: Int, model: Model) throws {}
    /// Does nothing.
    public func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) throws {}
    /// Does nothing.
    public func onTrainEnd(_ model: Model) throws {}
}

/// The extent of a training.
public struct TrainingProgress: Sendable {
    /// The epoch before which training ends.
    public let epochs: Int
    /// The first epoch to train, counted from 0.
    public let initialEpoch: Int
    /// Steps in every epoch.
    public let stepsPerEpoch: Int
    /// Samples in every batch; the last one of an epoch may have fewer.
    public let batchSize: Int
    /// Samples in every epoch.
    public let sampleCount: Int
    /// Steps of the validation after every epoch; 0 without validation.
    public var validationSteps = 0
}

/// Sets the learning rate before every epoch, or before every step: Keras's `LearningRateScheduler`.
public final class LearningRateScheduler: Callback {
    /// The unit of time of a schedule: epochs, or steps counted over all epochs.
    public enum Unit: Sendable { case epoch, step }

    private let schedule: any LearningRateSchedule
    private let unit: Unit

    /// - Parameters:
    ///   - schedule: the learning rate over time.
    ///   - unit: the unit of that time.
    public init(_ schedule: any LearningRateSchedule, per unit: Unit = .epoch) {
        self.schedule = schedule
        self.unit = unit
    }

    /// Sets the rate, if the schedule counts epochs.
    public func onEpochBegin(_ epoch: Int, model: Model) throws {
        if unit == .epoch { model.learningRate = schedule.learningRate(at: epoch) }
    }

    /// Sets the rate, if the schedule counts steps.
    public func onBatchBegin(_ step: Int, model: Model) throws {
        if unit == .step { model.learningRate = schedule.learningRate(at: model.state.iterations) }
    }
}
