import Foundation

/// Saves the model after every epoch, and where training is stopped within one, always to the same file, whole or not at
/// all: Keras's `ModelCheckpoint`. The one before it is kept too.
public final class ModelCheckpoint: Callback {
    private let path: String
    private let previous: String

    /// - Parameter path: of the newest model; the one before is `x_previous.hdf5` beside `x.hdf5`.
    public init(_ path: String) {
        self.path = path
        previous = Self.previousPath(path)
    }

    /// Where the model before the one at `path` is kept.
    public static func previousPath(_ path: String) -> String {
        let name = path as NSString
        let suffix = name.pathExtension.isEmpty ? "" : ".\(name.pathExtension)"
        return "\(name.deletingPathExtension)_previous\(suffix)"
    }

    public func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) throws { try model.save(path, keeping: previous) }

    public func onTrainEnd(_ model: Model) throws {
        if model.stepsIntoEpoch > 0 { try model.save(path, keeping: previous) }
    }
}
