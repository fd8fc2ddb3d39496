import NeuralNetwork
import System

/// Saves the model every few epochs as `epoch_5.hdf5`, `epoch_10.hdf5`, ... (the book's `EpochCheckpoint`).
public final class EpochCheckpoint: Callback {
    private let outputPath: String
    private let every: Int
    private var epochsTrained: Int

    /// - Parameters:
    ///   - outputPath: the folder.
    ///   - startAt: epochs that earlier runs have trained; the files are numbered on from there.
    public init(_ outputPath: String, every: Int = 5, startAt: Int = 0) {
        self.outputPath = outputPath
        self.every = max(every, 1)
        epochsTrained = startAt
    }

    /// All model files in a folder of checkpoints.
    public static func files(in folder: String) -> [String] {
        let names = (try? FolderContents(folder).files) ?? []
        return names.filter { $0.hasSuffix(".hdf5") }.map { "\(folder)/\($0)" }
    }

    /// The files that this callback has written into a folder, with their numbers.
    public static func numbered(in folder: String) -> [(epoch: Int, path: String)] {
        files(in: folder).compactMap { path in
            Path.name(of: path).wholeMatch(of: /epoch_([0-9]+)\.hdf5/).flatMap { Int($0.output.1) }.map { ($0, path) }
        }
    }

    public func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) throws {
        epochsTrained += 1
        if epochsTrained % every == 0 { try model.save("\(outputPath)/epoch_\(epochsTrained).hdf5") }
    }
}
