import NeuralNetwork
import System

/// The ctrl+c of the book's "ctrl+c method": the first one lets the step end, and training in order, so that a
/// `ModelCheckpoint` keeps the model as it is then; the second ends the program at once.
public final class StopOnInterruption: Callback {
    /// Listens from now on: what comes before the first step is noted too.
    public init() { Interruption.listen() }

    /// Whether training has been interrupted.
    public var isInterrupted: Bool { Interruption.isRequested }

    public func onBatchEnd(_ step: Int, logs: Logs, model: Model) {
        if Interruption.isRequested { model.stopTraining = true }
    }

    public func onTestBatchEnd(_ step: Int, model: Model) {
        if Interruption.isRequested { model.stopTraining = true }
    }

    public func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) {
        if Interruption.isRequested { model.stopTraining = true }
    }

    public func onTrainEnd(_ model: Model) { Interruption.stopListening() }
}
