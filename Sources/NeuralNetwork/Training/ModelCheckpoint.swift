import System

/// Saves the model after every epoch, and when training stops within an epoch: Keras's `ModelCheckpoint`.
///
/// The file is always the same and appears whole or not at all. The model before it is kept too, if it is known to be
/// whole: because the model was loaded from it, or it was saved by this callback.
public final class ModelCheckpoint: Callback {
    /// False: one process writes the file.
    public let runsInEveryProcess = false
    private let path: String
    private let previous: String
    private var isKnownWhole = false

    /// - Parameter path: of the newest model. The one before it is `x_previous.hdf5` beside `x.hdf5`.
    public init(_ path: String) {
        self.path = path
        previous = Self.previousPath(path)
    }

    /// The path of the model before the one at `path`.
    public static func previousPath(_ path: String) -> String {
        let suffix = Path.suffix(of: path)
        return Path.beside(Path.withoutSuffix(path), suffix: "_previous" + (suffix.isEmpty ? "" : ".\(suffix)"))
    }

    /// Checks the path before hours of training.
    ///
    /// - Throws: ``ModelFileError`` for a name of another format.
    public func onTrainBegin(_ training: TrainingProgress, model: Model) throws { try Model.checkFileName(path) }

    /// Saves the model.
    public func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) throws { try save(model) }

    /// Saves the model, if training stopped within an epoch.
    public func onTrainEnd(_ model: Model) throws {
        if model.state.step > 0 { try save(model) }
    }

    private func save(_ model: Model) throws {
        let isKnownWhole =
            isKnownWhole || model.lastCheckpoint.map { Path.resolved($0.path) == Path.resolved(path) } ?? false
        try model.save(path, keeping: isKnownWhole ? previous : nil)
        self.isKnownWhole = true
    }
}
