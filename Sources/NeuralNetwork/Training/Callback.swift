/// The numbers of an epoch, by Keras's names: `loss`, `acc`, `val_loss`, `val_acc`; a model of several outputs adds
/// `<output>_loss` and `<output>_acc` for each.
public typealias Logs = [String: Double]

/// What training tells while it runs, Keras's `Callback`. Epochs and steps count from 0.
public protocol Callback: AnyObject {
    func onTrainBegin(_ training: TrainingProgress, model: Model) throws
    func onEpochBegin(_ epoch: Int, model: Model) throws
    func onBatchBegin(_ step: Int, model: Model) throws
    /// - Parameter logs: means over the epoch so far.
    func onBatchEnd(_ step: Int, logs: Logs, model: Model) throws
    /// After a batch of validation, Keras's `on_test_batch_end`. Where it sets ``Model/stopTraining``, validation breaks off:
    /// the epoch is trained, but not over.
    func onTestBatchEnd(_ step: Int, model: Model) throws
    func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) throws
    func onTrainEnd(_ model: Model) throws
}

extension Callback {
    public func onTrainBegin(_ training: TrainingProgress, model: Model) throws {}
    public func onEpochBegin(_ epoch: Int, model: Model) throws {}
    public func onBatchBegin(_ step: Int, model: Model) throws {}
    public func onBatchEnd(_ step: Int, logs: Logs, model: Model) throws {}
    public func onTestBatchEnd(_ step: Int, model: Model) throws {}
    public func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) throws {}
    public func onTrainEnd(_ model: Model) throws {}
}

/// How much there is to train.
public struct TrainingProgress: Sendable {
    public let epochs: Int
    public let initialEpoch: Int
    public let stepsPerEpoch: Int
    public let batchSize: Int
    public let sampleCount: Int
    /// Of the validation after every epoch; 0 where there is none.
    public var validationSteps = 0
}

/// Sets the learning rate before every epoch, or before every step.
public final class LearningRateScheduler: Callback {
    public enum Unit: Sendable { case epoch, step }

    private let schedule: any LearningRateSchedule
    private let unit: Unit

    public init(_ schedule: any LearningRateSchedule, per unit: Unit = .epoch) {
        self.schedule = schedule
        self.unit = unit
    }

    public func onEpochBegin(_ epoch: Int, model: Model) throws {
        if unit == .epoch { model.learningRate = schedule.learningRate(at: epoch) }
    }

    public func onBatchBegin(_ step: Int, model: Model) throws {
        if unit == .step { model.learningRate = schedule.learningRate(at: model.state.iterations) }
    }
}
