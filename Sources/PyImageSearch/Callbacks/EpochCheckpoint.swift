import NeuralNetwork
import System

/// Saves the model every few epochs, and after the last one, as `epoch_5.hdf5`, `epoch_10.hdf5`, ... The book's
/// `EpochCheckpoint`.
public final class EpochCheckpoint: Callback {
    /// False: one process writes the files.
    public let runsInEveryProcess = false
    private let outputPath: String
    private let every: Int
    private var epochs = 0

    /// - Parameters:
    ///   - outputPath: the folder.
    ///   - every: epochs between two files, at least 1.
    public init(_ outputPath: String, every: Int = 5) {
        self.outputPath = outputPath
        self.every = max(every, 1)
    }

    /// All model files in a folder of checkpoints.
    public static func files(in folder: String) -> [String] {
        let names = (try? FolderContents(folder).files) ?? []
        return names.filter { $0.hasSuffix(".hdf5") }.map { "\(folder)/\($0)" }
    }

    /// The files that this callback has written into a folder, with their epochs.
    public static func numbered(in folder: String) -> [(epoch: Int, path: String)] {
        files(in: folder).compactMap { path in
            Path.name(of: path).wholeMatch(of: /epoch_([0-9]+)\.hdf5/).flatMap { Int($0.output.1) }.map { ($0, path) }
        }
    }

    /// Notes the last epoch.
    public func onTrainBegin(_ training: TrainingProgress, model: Model) { epochs = training.epochs }

    /// Saves the model after the epochs that are due.
    ///
    /// - Throws: `FileError` if the file cannot be written.
    public func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) throws {
        if (epoch + 1) % every == 0 { try save(model) }
    }

    /// The last epoch's file comes after what other callbacks save of that epoch: a run that is killed in between resumes
    /// from their files.
    ///
    /// - Throws: an error if the file cannot be written.
    public func onTrainEnd(_ model: Model) throws {
        if model.state.epochs == epochs { try save(model) }
    }

    private func save(_ model: Model) throws {
        try model.save("\(outputPath)/epoch_\(model.state.epochs).hdf5")
    }
}
