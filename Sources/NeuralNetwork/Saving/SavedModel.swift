/// A file that training can go on from, and how much training is behind it.
public struct SavedModel: Sendable, Equatable, CustomStringConvertible {
    public let path: String
    /// Whole epochs.
    public let epochsTrained: Int
    /// Steps of the epoch after those.
    public let stepsIntoEpoch: Int

    /// `output/model.hdf5, after 2 epochs and 57 steps`.
    public var description: String {
        let epochs = "\(epochsTrained) epoch\(epochsTrained == 1 ? "" : "s")"
        let steps = "\(stepsIntoEpoch) step\(stepsIntoEpoch == 1 ? "" : "s")"
        return "\(path), after \(epochs)" + (stepsIntoEpoch > 0 ? " and \(steps)" : "")
    }
}

extension Model {
    /// Remembers the file at `path`, unless going on from it would lead nowhere.
    func noteCheckpoint(_ path: String) throws {
        guard try firstWeightThatIsNotFinite() == nil else { return }
        lastCheckpoint = SavedModel(path: path, epochsTrained: epochsTrained, stepsIntoEpoch: stepsIntoEpoch)
    }
}
