import NeuralNetwork
import PyImageSearch
import System

/// Where a training run saves its files.
public struct RunFiles {
    /// The folder of history, plot and record.
    public let folder: String
    /// The last checkpoint; the one before it is beside it.
    public let model: String
    /// The folder of the checkpoints.
    public let checkpoints: String
    /// Whether some checkpoints are kept for good.
    private let keepsCheckpoints: Bool
    /// The path that history, plot, record and other files begin with.
    public let base: String
    public let history: String
    public let plot: String
    public let record: String
    /// The classification report.
    public let report: String
    /// A few images and weights for figures.
    public let samples: String
    /// The other files that the run writes.
    public let others: [String]

    /// `name.json`, `name.png`, `name.run.json` and so on in `folder`.
    ///
    /// - Parameters:
    ///   - model: `name.hdf5` in `folder` if `nil`.
    ///   - checkpoints: the folder of checkpoints that are kept for good.
    ///   - isEvaluated: whether the run ends with a classification report and samples for figures.
    public init(
        _ name: String, in folder: String, model: String? = nil, checkpoints: String? = nil, isEvaluated: Bool = false
    ) {
        self.folder = folder
        self.checkpoints = checkpoints ?? folder
        keepsCheckpoints = checkpoints != nil
        let base = "\(folder)/\(name)"
        self.base = base
        self.model = model ?? "\(base).hdf5"
        (history, plot, record) = ("\(base).json", "\(base).png", "\(base).run.json")
        (report, samples) = ("\(base).txt", "\(base).samples.hdf5")
        others = ["\(base).svg"] + (isEvaluated ? [report, samples] : [])
    }

    /// All existing model files of the run.
    var savedModels: [String] { modelsToWrite(after: 0) }

    /// The existing model files that a run writes again if it continues after `epoch` epochs.
    func modelsToWrite(after epoch: Int) -> [String] {
        let last = [model, ModelCheckpoint.previousPath(model)].filter(FileSystem.exists)
        let kept = keepsCheckpoints ? EpochCheckpoint.numbered(in: checkpoints) : []
        return last + kept.filter { $0.epoch > epoch }.map(\.path)
    }

    /// The model files of the run whose last checkpoint is at ``model``. The folder may also hold an older run's.
    var modelsOfLastRun: [String] {
        guard let last = try? SavedModel(reading: model), !last.state.settings.isNull else { return savedModels }
        return savedModels.filter { path in
            guard let saved = try? SavedModel(reading: path) else { return true }
            return Settings(saved.state.settings).differences(from: Settings(last.state.settings)).isEmpty
        }
    }

    /// Checks, before hours of work, that each file can be written, and that no other process writes to the same places
    /// until the program ends.
    func claim() throws {
        try Model.checkFileName(model)
        try OutputFiles.claim([history, plot, record] + others, checkpoint: model, in: folder)
    }
}
