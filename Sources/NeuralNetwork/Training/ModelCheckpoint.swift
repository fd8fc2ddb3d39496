import System

/// Saves the model after every epoch, and where training is stopped within one, always to the same file, whole or not at
/// all: Keras's `ModelCheckpoint`. The one before it is kept too, where it is known to be whole, because the model
/// was loaded from it or it was saved here: anything else must not take the place of what is.
public final class ModelCheckpoint: Callback {
    private let path: String
    private let previous: String
    private var isKnownWhole = false

    /// - Parameter path: of the newest model; the one before is `x_previous.hdf5` beside `x.hdf5`.
    public init(_ path: String) {
        self.path = path
        previous = Self.previousPath(path)
    }

    /// Where the model before the one at `path` is kept.
    public static func previousPath(_ path: String) -> String {
        let suffix = Path.suffix(of: path)
        return Path.beside(Path.withoutSuffix(path), suffix: "_previous" + (suffix.isEmpty ? "" : ".\(suffix)"))
    }

    /// - Throws: ``ModelFileError`` for a name of another format, before hours of training.
    public func onTrainBegin(_ training: TrainingProgress, model: Model) throws { try Model.checkFileName(path) }

    public func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) throws { try save(model) }

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
