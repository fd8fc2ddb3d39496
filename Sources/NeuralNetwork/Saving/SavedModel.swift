import Foundation
import HDF5
import System

/// A file that training can resume from, and the training of the model in it.
public struct SavedModel: Sendable, Equatable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// The training so far; none for Keras's own files, which do not say.
    public let state: TrainingState

    /// The state of a model that is saved in a file.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - path: the file.
    public init(_ model: Model, path: String) {
        self.path = path
        state = model.state
    }

    /// Reads the state from a file, without the weights.
    ///
    /// - Parameter path: the file.
    /// - Throws: `HDF5Error` if it is not an HDF5 file or damaged, ``ModelFileError`` if it is not a model.
    public init(reading path: String) throws {
        let root = try Model.open(path).root
        guard root.contains(KerasFile.weightsGroup) || root.contains(KerasFile.resumeGroup) else {
            throw ModelFileError("\(path) is an HDF5 file, but not a model")
        }
        self.path = path
        state = try TrainingState(in: root, path: path) ?? TrainingState()
    }

    /// The existing files among `paths`, the one with the most training first; among equals the one written last. A
    /// file that cannot be read comes before all others, because its content is unknown.
    ///
    /// - Parameter paths: of files that may exist.
    /// - Returns: every existing file, with its state or the reason why it cannot be read.
    public static func furthestFirst(_ paths: [String]) -> [(path: String, saved: Result<SavedModel, any Error>)] {
        let found = paths.filter(FileSystem.exists).map { path in
            (path: path, saved: Result { try SavedModel(reading: path) }, date: FileSystem.modificationDate(of: path))
        }
        return found.sorted { first, second in
            switch (first.saved, second.saved) {
            case (.success(let a), .success(let b))
            where a.state.isFurther(than: b.state) != b.state.isFurther(than: a.state):
                a.state.isFurther(than: b.state)
            case (.success, .failure): false
            case (.failure, .success): true
            default: (first.date ?? .distantPast) > (second.date ?? .distantPast)
            }
        }.map { ($0.path, $0.saved) }
    }

    /// The readable model with the most training among the existing files; `nil` if there is none.
    ///
    /// - Parameter paths: of files that may exist.
    public static func furthest(of paths: [String]) -> SavedModel? {
        furthestFirst(paths).lazy.compactMap { try? $0.saved.get() }.first
    }

    /// `output/model.hdf5, after 2 epochs and 57 steps`.
    public var description: String { "\(path), after \(state.training)" }
}

extension TrainingState {
    /// Reads the state from a model file.
    ///
    /// - Returns: `nil` for Keras's own files, which hold none.
    /// - Throws: ``ModelFileError`` naming the number that cannot be right.
    init?(in root: HDF5Group, path: String) throws {
        guard root.contains(KerasFile.resumeGroup) else { return nil }
        let attributes = try root.group(KerasFile.resumeGroup).attributes
        if let text = try attributes.string(KerasFile.state) {
            do { self = try JSONDecoder().decode(TrainingState.self, from: Data(text.utf8)) } catch {
                throw ModelFileError("\(path): its training state cannot be read; the file is damaged")
            }
        } else {
            self = try Self.version1(attributes, path: path)
        }
        if let fault { throw ModelFileError("\(path): \(fault); the file is damaged") }
    }

    /// The state as files before version 0.10 hold it: an attribute for each number, the settings in words.
    private static func version1(_ attributes: HDF5Attributes, path: String) throws -> TrainingState {
        func count(_ name: String) throws -> Int {
            let number = try attributes.numbers(name)?.first ?? 0
            guard let count = Int(exactly: number) else {
                throw ModelFileError("\(path): \(name) is \(number), which is not a count; the file is damaged")
            }
            return count
        }
        var state = TrainingState()
        state.epochs = try count("epochs_trained")
        state.step = try count("steps_into_epoch")
        state.stepsPerEpoch = try count("steps_per_epoch")
        state.iterations = try count("iterations")
        state.sums = try (attributes.strings("epoch_sums") ?? []).compactMap(Double.init)
        if let seed = try attributes.string("seed").flatMap(UInt64.init) { state.seed = seed }
        if let settings = try attributes.string("settings").flatMap({ try? JSON(parsing: $0) }),
            case .object(let members) = settings, !members.isEmpty
        {
            state.settings = settings
        }
        return state
    }
}

extension Model {
    /// Remembers the file at `path`, unless a weight is not finite: resuming from it would be useless.
    func noteCheckpoint(_ path: String) throws {
        guard try firstWeightThatIsNotFinite() == nil else { return }
        lastCheckpoint = SavedModel(self, path: path)
    }
}
