import ComputeGraph
import HDF5
import System
import Tensors

extension Model {
    /// The model with the most training among the files at `paths` that are whole and can resume training; `nil` if
    /// none of the files exists.
    ///
    /// - Parameters:
    ///   - paths: of files that may exist.
    ///   - backend: computes the model.
    ///   - damaged: receives each file that is not whole or cannot resume training, and the reason.
    /// - Returns: the model and its file.
    /// - Throws: the first reason, if there are files and none can be used.
    public static func furthestCheckpoint(
        among paths: [String], backend: any Backend, damaged: (_ path: String, _ reason: any Error) -> Void
    ) throws -> (model: Model, path: String)? {
        var first: (any Error)?
        for (path, saved) in SavedModel.furthestFirst(paths) {
            do {
                _ = try saved.get()
                // A file that loads with a warning is not used, so there is nothing to warn about.
                let model = try load(path, backend: backend) { _ in }
                try model.checkRemembersTraining(path)
                // Keras's own files have no checksum.
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

    /// Restarts the epoch in which training was stopped, if an epoch now has another number of steps.
    ///
    /// - Parameter steps: steps of an epoch now.
    /// - Returns: whether the epoch restarts.
    public func restartEpoch(unlessOf steps: Int) -> Bool {
        guard state.step > 0, state.stepsPerEpoch != steps else { return false }
        (state.step, state.sums) = (0, [])
        return true
    }

    /// - Throws: ``ModelFileError`` if training from this file would differ from the training that wrote it.
    private func checkRemembersTraining(_ path: String) throws {
        guard compilation != nil else {
            throw ModelFileError(
                "\(path) has no optimizer to resume with" + (unknownTraining.map { ", since \($0)" } ?? "")
                    + "; begin a new model")
        }
        if let lostMemory {
            throw ModelFileError(
                "\(path) cannot resume its training: \(lostMemory); begin a new model, or compile this one again")
        }
    }

    /// Checks that this model, loaded from a file, is the network `description` and can resume after `epochs` epochs.
    ///
    /// - Parameters:
    ///   - description: the network that is to be trained.
    ///   - epochs: the number of epochs that the file should have.
    ///   - path: the file, for the message.
    /// - Throws: ``ModelFileError`` naming the first layer that differs or the missing optimizer, ``EpochError`` for
    ///   another number of epochs.
    public func checkContinues(_ description: Model, from epochs: Int, path: String) throws {
        for (own, other) in zip(layers, description.layers) {
            let isSame =
                own.className == other.className && own.outputShape == other.outputShape
                && own.weights.map(\.shape) == other.weights.map(\.shape)
            guard isSame else {
                throw ModelFileError(
                    "\(path) holds another network: its layer \"\(own.name)\" (\(own.className), \(own.outputShape)) "
                        + "is in the place of \"\(other.name)\" (\(other.className), \(other.outputShape)); name another file, "
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
            throw EpochError(path: path, trained: state.epochs, expected: epochs)
        }
    }
}

/// A checkpoint that has been trained for another number of epochs than expected.
public struct EpochError: Error, CustomStringConvertible, Equatable {
    /// The file.
    public let path: String
    /// Epochs that the model in the file has been trained.
    public let trained: Int
    /// The expected number of epochs.
    public let expected: Int

    /// One line with the file and both numbers.
    public var description: String { "\(path) has been trained for \(counted(trained, "epoch")), not \(expected)" }
}
