import Foundation
import HDF5
import System

/// A file that training can be resumed from, and how much training the model in it has had.
public struct SavedModel: Sendable, Equatable, CustomStringConvertible {
    public let path: String
    /// Whole epochs.
    public let epochsTrained: Int
    /// Steps of the epoch after those.
    public let stepsIntoEpoch: Int
    /// What it was trained with, by name and in words: ``Model/trainingSettings``. Empty for Keras's own files.
    public let settings: [String: String]

    public init(_ model: Model, path: String) {
        self.path = path
        epochsTrained = model.epochsTrained
        stepsIntoEpoch = model.stepsIntoEpoch
        settings = model.trainingSettings
    }

    /// Reads what the file at `path` says of itself, without its weights. Of Keras's own files it says nothing, which is
    /// taken for no training.
    ///
    /// - Throws: `HDF5Error` where it is not an HDF5 file or damaged, ``ModelFileError`` where it is not a model.
    public init(reading path: String) throws {
        self.path = path
        let root = try Model.open(path).root
        guard root.contains(KerasFile.weightsGroup) || root.contains(KerasFile.resumeGroup) else {
            throw ModelFileError("\(path) is an HDF5 file, but not a model")
        }
        guard root.contains(KerasFile.resumeGroup) else {
            (epochsTrained, stepsIntoEpoch, settings) = (0, 0, [:])
            return
        }
        let resume = try root.group(KerasFile.resumeGroup).attributes
        func count(_ name: String) throws -> Int {
            let number = try resume.numbers(name)?.first ?? 0
            guard let count = Int(exactly: number), (0..<1 << 48).contains(count) else {
                throw ModelFileError("\(path): \(name) is \(number), which is not a count; the file is damaged")
            }
            return count
        }
        epochsTrained = try count("epochs_trained")
        stepsIntoEpoch = try count("steps_into_epoch")
        settings = try resume.string("settings").flatMap { try? JSON(parsing: $0) }?.strings ?? [:]
    }

    /// Whether any training would be lost with it.
    public var isTrained: Bool { epochsTrained > 0 || stepsIntoEpoch > 0 }

    /// Whether the model in this file has had more training. Dates say nothing of that: a file may have been copied,
    /// touched, or written by a clock that was wrong.
    public func isFurther(than other: SavedModel) -> Bool {
        (epochsTrained, stepsIntoEpoch) > (other.epochsTrained, other.stepsIntoEpoch)
    }

    /// Those of the files at `paths` that are there, the one with the most training first; among equals the one that
    /// was written last. A file that cannot be read comes before all, for nobody knows what is in it.
    public static func furthestFirst(_ paths: [String]) -> [(path: String, saved: Result<SavedModel, any Error>)] {
        let found = paths.filter(FileSystem.exists).map { path in
            (path: path, saved: Result { try SavedModel(reading: path) }, date: FileSystem.modificationDate(of: path))
        }
        return found.sorted { first, second in
            switch (first.saved, second.saved) {
            case (.success(let a), .success(let b)) where a.isFurther(than: b) != b.isFurther(than: a):
                a.isFurther(than: b)
            case (.success, .failure): false
            case (.failure, .success): true
            default: (first.date ?? .distantPast) > (second.date ?? .distantPast)
            }
        }.map { ($0.path, $0.saved) }
    }

    /// `2 epochs and 57 steps`.
    public var training: String {
        let (epochs, steps) = (counted(epochsTrained, "epoch"), counted(stepsIntoEpoch, "step"))
        return stepsIntoEpoch == 0 ? epochs : epochsTrained == 0 ? steps : "\(epochs) and \(steps)"
    }

    /// `output/model.hdf5, after 2 epochs and 57 steps`.
    public var description: String { "\(path), after \(training)" }
}

extension JSON {
    /// The members of an object that are strings.
    fileprivate var strings: [String: String]? {
        guard case .object(let members) = self else { return nil }
        return members.compactMapValues(\.string)
    }
}

extension Model {
    /// Remembers the file at `path`, unless resuming from it would lead nowhere.
    func noteCheckpoint(_ path: String) throws {
        guard try firstWeightThatIsNotFinite() == nil else { return }
        lastCheckpoint = SavedModel(self, path: path)
    }
}
