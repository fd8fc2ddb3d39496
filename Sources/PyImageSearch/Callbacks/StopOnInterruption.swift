import NeuralNetwork
import System

/// Handles the Ctrl+C of the book's "ctrl+c method". The first one lets the step end and stops the training in order,
/// so that a `ModelCheckpoint` saves the model; the second one ends the program immediately.
public final class StopOnInterruption: Callback {
    /// Listens from now on; a signal before the first step counts too.
    public init() { Interruption.listen() }

    /// Whether training has been interrupted.
    public var isInterrupted: Bool { Interruption.isRequested }

    /// Stops the training after this step.
    public func onBatchEnd(_ step: Int, logs: Logs, model: Model) {
        if Interruption.isRequested { model.stopTraining = true }
    }

    /// Stops the validation after this batch.
    public func onTestBatchEnd(_ step: Int, model: Model) {
        if Interruption.isRequested { model.stopTraining = true }
    }

    /// Stops the training after this epoch.
    public func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) {
        if Interruption.isRequested { model.stopTraining = true }
    }

    /// Restores the default action of the signals.
    public func onTrainEnd(_ model: Model) { Interruption.stopListening() }
}
