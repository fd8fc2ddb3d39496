import ComputeGraph
import HDF5
import System
import Tensors

extension Model {
    /// The model with the most training among the files at `paths` that are whole and can be trained on; `nil` if none of
    /// the files exists.
    ///
    /// - Parameter damaged: is told of each file that is passed over because it is not whole, and why.
    /// - Throws: why the first of them is of no use, where all that there are are damaged.
    public static func furthestCheckpoint(
        among paths: [String], backend: any Backend, damaged: (_ path: String, _ reason: any Error) -> Void
    ) throws -> (model: Model, path: String)? {
        var first: (any Error)?
        for (path, saved) in SavedModel.furthestFirst(paths) {
            do {
                _ = try saved.get()
                // What would be a warning is here a reason not to take the file.
                let model = try load(path, backend: backend) { _ in }
                try model.checkRemembersTraining(path)
                // Keras's own files have none.
                let resume = try? HDF5File(reading: path).root.group(KerasFile.resumeGroup).attributes
                if let checksum = try resume?.string("checksum"), try checksum != model.checksum() {
                    throw ModelFileError("\(path): its numbers are not those that were saved; the file is damaged")
                }
                return (model, path)
            } catch {
                damaged(path, error)
                first = first ?? error
            }
        }
        if let first { throw first }
        return nil
    }

    /// Begins the epoch that training was stopped in anew, where an epoch has other `steps` now.
    ///
    /// - Returns: whether it does.
    public func restartEpoch(unlessOf steps: Int) -> Bool {
        guard state.step > 0, state.stepsPerEpoch != steps else { return false }
        (state.step, state.sums) = (0, [])
        return true
    }

    /// - Throws: ``ModelFileError`` where training from this file would not be that which wrote it.
    private func checkRemembersTraining(_ path: String) throws {
        guard compilation != nil else {
            throw ModelFileError(
                "\(path) has no optimizer to go on with" + (unknownTraining.map { ", since \($0)" } ?? "")
                    + "; begin a new model")
        }
        if let lostMemory {
            throw ModelFileError(
                "\(path) does not go on training as it was: \(lostMemory); begin a new model, or compile this one anew")
        }
    }

    /// Checks that this model, which came out of a file, is the network `description` and can go on training after
    /// `epochs` epochs.
    ///
    /// - Throws: ``ModelFileError`` naming what differs: the first layer, the missing optimizer, the number of epochs.
    public func checkContinues(_ description: Model, from epochs: Int, path: String) throws {
        for (own, other) in zip(layers, description.layers) {
            let isSame =
                own.className == other.className && own.outputShape == other.outputShape
                && own.weights.map(\.shape) == other.weights.map(\.shape)
            guard isSame else {
                throw ModelFileError(
                    "\(path) holds another network: its layer \"\(own.name)\" (\(own.className), \(own.outputShape)) "
                        + "stands where \"\(other.name)\" (\(other.className), \(other.outputShape)) should; name another file, "
                        + "or begin a new model in another one")
            }
        }
        guard layers.count == description.layers.count else {
            throw ModelFileError(
                "\(path) holds another network: it has \(counted(layers.count, "layer")), not \(description.layers.count)"
            )
        }
        try checkRemembersTraining(path)
        // Keras's own files do not say.
        guard state.epochs == epochs || (state.epochs == 0 && state.step == 0) else {
            throw ModelFileError(
                "\(path) has trained \(counted(state.epochs, "epoch")): go on with --start-epoch \(state.epochs), not \(epochs)"
            )
        }
    }
}
