import ComputeGraph
import Foundation
import HDF5
import Tensors
import Terminal

extension Model {
    /// The newest of the files at `paths` that is whole and can go on training; `nil` where there is none at all.
    ///
    /// - Parameter damaged: is told of each file that is newer and is not whole, and why.
    /// - Throws: why the newest is of no use, where all that there are are damaged.
    public static func newestCheckpoint(
        among paths: [String], backend: any Backend, damaged: (_ path: String, _ reason: any Error) -> Void
    ) throws -> (model: Model, path: String)? {
        let files = paths.compactMap { path -> (path: String, date: Date)? in
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return (attributes?[.modificationDate] as? Date).map { (path, $0) }
        }
        var first: (any Error)?
        for (path, _) in files.sorted(by: { $0.date > $1.date }) {
            do {
                let model = try load(path, backend: backend)
                guard model.compilation != nil else {
                    throw ModelFileError("\(path) has no optimizer to go on with")
                }
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
        guard compilation != nil else {
            throw ModelFileError("\(path) has no optimizer to go on with; begin a new model")
        }
        // Keras's own files do not say.
        guard epochsTrained == epochs || (epochsTrained == 0 && stepsIntoEpoch == 0) else {
            throw ModelFileError(
                "\(path) has trained \(counted(epochsTrained, "epoch")): go on with --start-epoch \(epochsTrained), not \(epochs)"
            )
        }
    }
}
