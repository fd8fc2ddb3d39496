import NeuralNetwork
import System

/// Files of earlier runs that are renamed when training begins, and not before it is known that it can begin.
final class KeptFiles: Callback {
    let runsInEveryProcess = false
    enum End: String {
        case aModelIsSaved = " until this run has saved its model"
        case trainingIsOver = " until this run is as far"
        case never = ""
    }

    private let files: [String]
    private let end: End
    private var kept: [String] = []

    init(_ files: [String], until end: End) { (self.files, self.end) = (files, end) }

    func onTrainBegin(_ training: TrainingProgress, model: Model) throws {
        for file in files where FileSystem.exists(file) {
            let aside = try FileSystem.setAside(file)
            kept.append(aside)
            info("kept \(file) as \(aside)\(end.rawValue)")
        }
    }

    /// - Parameter isOver: whether the last epoch has been trained.
    func discard(isOver: Bool) {
        guard end == .aModelIsSaved || (end == .trainingIsOver && isOver) else { return }
        for file in kept { FileSystem.remove(file) }
    }
}
