import NeuralNetwork

/// The ctrl+c of the book's "ctrl+c method": the first one lets the step end, saves the model as it is then, and ends
/// training in order; the second ends the program at once.
public final class InterruptionCheckpoint: Callback {
    private let folder: String
    /// The file that was saved, once training has been interrupted.
    public private(set) var savedPath: String?

    /// - Parameter folder: gets `epoch_2_step_57.hdf5`: two epochs trained, and 57 steps of the third.
    public init(_ folder: String) { self.folder = folder }

    public func onTrainBegin(_ training: TrainingProgress) { Interruption.listen() }

    public func onBatchEnd(_ step: Int, logs: Logs, model: Model) {
        if Interruption.isRequested { model.stopTraining = true }
    }

    public func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) {
        if Interruption.isRequested { model.stopTraining = true }
    }

    public func onTrainEnd(_ model: Model) throws {
        Interruption.stopListening()
        guard Interruption.isRequested else { return }
        let step = model.stepsIntoEpoch > 0 ? "_step_\(model.stepsIntoEpoch)" : ""
        let path = "\(folder)/epoch_\(model.epochsTrained)\(step).hdf5"
        try model.save(path)
        savedPath = path
    }
}
