/// Saves the model after every epoch, always to the same file, whole or not at all: Keras's `ModelCheckpoint`.
public final class ModelCheckpoint: Callback {
    private let path: String

    public init(_ path: String) { self.path = path }

    public func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) throws { try model.save(path) }
}
