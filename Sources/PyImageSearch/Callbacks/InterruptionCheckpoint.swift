import Foundation
import NeuralNetwork
import Synchronization

/// The ctrl+c of the book's "ctrl+c method": the first one lets the step end, saves the model as it is then, and ends
/// training in order; the second ends the program at once.
public final class InterruptionCheckpoint: Callback {
    private let folder: String
    /// The file that was saved, once training has been interrupted.
    public private(set) var savedPath: String?

    /// Begins to listen for SIGINT and SIGTERM.
    ///
    /// - Parameter folder: gets `epoch_2_step_57.hdf5`: two epochs trained, and 57 steps of the third.
    public init(_ folder: String) {
        self.folder = folder
        interruption.store(false, ordering: .relaxed)
        for number in [SIGINT, SIGTERM] {
            var action = sigaction()
            #if os(Linux)
                action.__sigaction_handler.sa_handler = { _ in interruption.store(true, ordering: .relaxed) }
            #else
                action.__sigaction_u.__sa_handler = { _ in interruption.store(true, ordering: .relaxed) }
            #endif
            // The second signal finds the default again, which is to end.
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
            sigaction(number, &action, nil)
            // A program that starts this one may have kept signals from it.
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, number)
            pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        }
    }

    public func onBatchEnd(_ step: Int, logs: Logs, model: Model) {
        if interruption.load(ordering: .relaxed) { model.stopTraining = true }
    }

    public func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) {
        if interruption.load(ordering: .relaxed) { model.stopTraining = true }
    }

    public func onTrainEnd(_ model: Model) throws {
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
        guard interruption.load(ordering: .relaxed) else { return }
        let step = model.stepsIntoEpoch > 0 ? "_step_\(model.stepsIntoEpoch)" : ""
        let path = "\(folder)/epoch_\(model.epochsTrained)\(step).hdf5"
        try model.save(path)
        savedPath = path
    }
}

/// Whether a signal has come; a handler may do no more than set this.
private let interruption = Atomic(false)
