import Foundation
import HDF5
import Plotting
import Tensors

/// Images and weights that a run left for figures: `samples.hdf5` beside its record.
struct RunSamples {
    private let path: String
    private let root: HDF5Group

    init(of run: RunCatalog.Run, in folder: ReportFolder, wanted: WantedRun) throws {
        path = folder.samplesPath(run.name)
        guard FileManager.default.fileExists(atPath: path) else {
            throw MissingRun("\(path) does not exist", wanted)
        }
        root = try HDF5File(reading: path).root
    }

    /// `[samples, height, width, 3]`, 0 to 255.
    func images(_ name: String) throws -> Tensor {
        let dataset = try root.dataset(name)
        guard dataset.shape.count == 4, dataset.shape[3] == 3 else {
            throw fault(name, "[images, height, width, 3]", dataset.shape)
        }
        return Tensor(shape: Shape(dataset.shape), scalars: try dataset.read(as: UInt8.self).map(Float.init))
    }

    /// `[height, width, 3, filters]`
    func kernel(_ name: String) throws -> Tensor {
        let dataset = try root.dataset(name)
        guard dataset.shape.count == 4, dataset.shape[2] == 3 else {
            throw fault(name, "[height, width, 3, filters]", dataset.shape)
        }
        return Tensor(shape: Shape(dataset.shape), scalars: try dataset.read(as: Float.self))
    }

    /// `count` values, each an index into `names`, as the names they stand for.
    func classes(_ name: String, count: Int, names: [String]) throws -> [String] {
        try values(name, as: Int.self, count: count).map { index in
            guard names.indices.contains(index) else {
                throw RunSamplesError("\(path): \(name) has class \(index), but the record names \(names.count)")
            }
            return names[index]
        }
    }

    func values<Value: HDF5Scalar>(_ name: String, as type: Value.Type, count: Int) throws -> [Value] {
        let dataset = try root.dataset(name)
        guard dataset.shape == [count] else { throw fault(name, "[\(count)]", dataset.shape) }
        return try dataset.read(as: type)
    }

    private func fault(_ name: String, _ expected: String, _ found: [Int]) -> RunSamplesError {
        RunSamplesError("\(path): \(name) should be \(expected), but is \(found)")
    }
}

/// Samples that are not what a chapter writes; one line that names the file.
struct RunSamplesError: Error, CustomStringConvertible, Equatable {
    let description: String
    init(_ description: String) { self.description = description }
}
