import NeuralNetwork
import PyImageSearch
import Runs
import System

/// Where a training run keeps what it makes.
public struct RunFiles {
    /// The folder of history, plot and record.
    public let folder: String
    /// The last checkpoint that was saved; the one before it lies beside it.
    public let model: String
    /// The folder of the checkpoints that are kept for good, if there are any.
    public let checkpoints: String?
    /// What the names of history, plot, record and others begin with.
    public let base: String
    public let history: String
    public let plot: String
    public let record: String
    /// What else the run writes.
    public let others: [String]
    /// The flags that name another place for all of them.
    public let placeFlags: String

    /// `name.json`, `name.png`, `name.run.json` and the `others`, all in `folder`.
    ///
    /// - Parameter placeFlags: with which the user names another place for them.
    public init(
        _ name: String, in folder: String, model: String, checkpoints: String? = nil, others suffixes: [String] = [],
        placeFlags: String
    ) {
        self.placeFlags = placeFlags
        self.folder = folder
        self.model = model
        self.checkpoints = checkpoints
        let base = "\(folder)/\(name)"
        self.base = base
        (history, plot, record) = ("\(base).json", "\(base).png", "\(base).run.json")
        others = (["svg"] + suffixes).map { "\(base).\($0)" }
    }

    /// `name.hdf5`, `name.json` and so on where the flags say.
    public init(_ name: String, _ places: OutputOptions, others: [String] = []) {
        self.init(
            name, in: places.output, model: places.model ?? "\(places.output)/\(name).hdf5", others: others,
            placeFlags: places.model == nil ? "--output" : "--output and --model")
    }

    /// All model files of the run that are there.
    var savedModels: [String] { modelsToWrite(after: 0) }

    /// The existing model files that a run writes again if it continues after `epoch` epochs.
    func modelsToWrite(after epoch: Int) -> [String] {
        let last = [model, ModelCheckpoint.previousPath(model)].filter(FileSystem.exists)
        let kept = checkpoints.map(EpochCheckpoint.numbered(in:)) ?? []
        return last + kept.filter { $0.epoch > epoch }.map(\.path)
    }

    /// Those that belong to the run whose last checkpoint is at ``model``: a folder may also hold an older run's.
    var modelsOfLastRun: [String] {
        guard let last = try? SavedModel(reading: model), !last.settings.isEmpty else { return savedModels }
        return savedModels.filter { path in
            guard let saved = try? SavedModel(reading: path) else { return true }
            return saved.settings == last.settings
        }
    }

    /// Makes sure, before hours of work, that each file can be written, and that no other process writes to the same places
    /// until the program ends.
    func claim() throws {
        try Model.checkFileName(model)
        try OutputFiles.claim([history, plot, record] + others, checkpoint: model, in: folder)
    }
}
