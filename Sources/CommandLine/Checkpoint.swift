import ComputeGraph
import NeuralNetwork
import System

/// A model that an earlier run has left.
struct Checkpoint {
    let model: Model
    let path: String
    /// How many epochs it has been trained.
    let epoch: Int
    /// Whether it is to go on with the settings that it was begun with.
    let isResumed: Bool

    /// What the flags ask for; `nil` where a new model begins.
    ///
    /// - Parameter model: the file that `--start-epoch` continues from, where it is not `files.model`.
    /// - Throws: why the file named, or all that there are, are of no use.
    static func find(
        _ options: ResumeOptions, model: String?, files: RunFiles, backend: any Backend
    ) throws -> Checkpoint? {
        if let epoch = options.startEpoch ?? model.map({ _ in 0 }), epoch > 0 || model != nil || !options.overwrite {
            let path = model ?? files.model
            // The original's default is 0 and means a new model, where there is none to continue.
            if epoch == 0, model == nil, !FileSystem.exists(path) { return nil }
            info("loading \(path)...")
            return Checkpoint(
                model: try Model.load(path, backend: backend), path: path, epoch: epoch, isResumed: false)
        }
        guard options.resume else { return nil }
        let furthest = try Model.furthestCheckpoint(among: files.modelsOfLastRun, backend: backend) { path, reason in
            info("passing over \(path), which is not whole: \(reason)")
        }
        guard let (trained, path) = furthest else {
            info("no checkpoint to go on from; beginning anew")
            return nil
        }
        info("going on from \(path), \(SavedModel(trained, path: path).training)")
        return Checkpoint(model: trained, path: path, epoch: trained.epochsTrained, isResumed: true)
    }
}
