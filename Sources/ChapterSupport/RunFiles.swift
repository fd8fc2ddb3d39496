import Files
import NeuralNetwork
import PyImageSearch

/// Where a training run keeps what it makes.
public struct RunFiles {
    /// The folder of history, plot and record.
    public let folder: String
    /// The newest checkpoint; the one before it lies beside it.
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

    /// `name.json`, `name.png`, `name.run.json` and the `others`, all in `folder`.
    public init(
        _ name: String, in folder: String, model: String, checkpoints: String? = nil, others suffixes: [String] = []
    ) {
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
        self.init(name, in: places.output, model: places.model ?? "\(places.output)/\(name).hdf5", others: others)
    }

    /// All model files of the run that are there.
    var savedModels: [String] {
        let last = [model, ModelCheckpoint.previousPath(model)].filter(FileSystem.exists)
        let kept = checkpoints.map(EpochCheckpoint.files(in:)) ?? []
        return last + kept.filter { !last.contains($0) }
    }

    /// Those that belong to the run whose newest checkpoint is at ``model``: a folder may also hold an older run's.
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
