import ComputeGraph
import Foundation
import NeuralNetwork
import System

/// A model that an earlier run has saved.
struct Checkpoint {
    let model: Model
    let path: String
    /// How many epochs it has been trained.
    let epoch: Int
    /// Whether training resumes with the settings that it began with.
    let isResumed: Bool

    /// The model to begin with, or `nil` for a new one.
    ///
    /// - Throws: why the named file, or every existing checkpoint, cannot be used.
    static func find(_ start: RunOptions.Start, files: RunFiles, backend: any Backend) throws -> Checkpoint? {
        switch start {
        case .anew: return nil
        case .continuing(let path, let epoch):
            if epoch == 0, path == nil, !FileSystem.exists(files.model) { return nil }
            let path = path ?? files.model
            info("loading \(path)...")
            return Checkpoint(
                model: try Model.load(path, backend: backend), path: path, epoch: epoch, isResumed: false)
        case .resuming:
            let furthest = try Model.furthestCheckpoint(among: files.modelsOfLastRun, backend: backend) {
                path, reason in
                info("passing over \(path), which is not whole: \(reason)")
            }
            guard let (model, path) = furthest else {
                info("no checkpoint to resume from; beginning anew")
                return nil
            }
            info("resuming from \(path), \(model.state.training)")
            return Checkpoint(model: model, path: path, epoch: model.state.epochs, isResumed: true)
        }
    }

    /// The same in several processes: the first finds the file, and the others get its bytes. They need not see it.
    static func find(
        _ start: RunOptions.Start, files: RunFiles, backend: any Backend, _ communicator: any Communicator
    ) throws -> Checkpoint? {
        let found = communicator.isFirst ? try find(start, files: files, backend: backend) : nil
        let place = found.map { Place(path: $0.path, epoch: $0.epoch, isResumed: $0.isResumed) }
        let told = communicator.broadcast(Array(try JSONEncoder().encode(place)))
        guard let place = try JSONDecoder().decode(Place?.self, from: Data(told)) else { return nil }
        let bytes = communicator.broadcast(try found.map { try FileBytes.read($0.path, limit: .max) } ?? [])
        if let found { return found }
        let copy = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).\(Path.suffix(of: place.path))"
        defer { FileSystem.remove(copy) }
        try WholeFile.write(Data(bytes), to: copy)
        return Checkpoint(
            model: try Model.load(copy, backend: backend), path: place.path, epoch: place.epoch,
            isResumed: place.isResumed)
    }

    private struct Place: Codable {
        let path: String
        let epoch: Int
        let isResumed: Bool
    }
}
