import Foundation
import HDF5
import NeuralNetwork
import Tensors

/// The folder of reference numbers: the one beside the tests, or one of the same layout that `$FIXTURES` names.
/// `Tests/Fixtures/README.md` describes its files and their origin.
public enum Fixtures {
    public static let folder: String =
        ProcessInfo.processInfo.environment["FIXTURES"]
        ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures").path

    public static func path(_ name: String) -> String { "\(folder)/\(name)" }

    public static func json(_ name: String) throws -> JSON {
        try JSON(parsing: String(contentsOfFile: path(name), encoding: .utf8))
    }

    /// A group of an HDF5 file, with its attributes as JSON.
    public static func group(_ name: String, in file: String) throws -> FixtureGroup {
        try FixtureGroup(HDF5File(reading: path(file)).root.group(name))
    }

    /// Names of the groups of an HDF5 file.
    public static func groups(in file: String) throws -> [String] {
        let root = try HDF5File(reading: path(file)).root
        return try root.names().filter { (try? root.group($0)) != nil }
    }

    /// The Keras model files in a folder that have side files, without their common ending.
    public static func kerasModels(in folder: String) throws -> [String] {
        let ending = "_io.hdf5"
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(ending) }
            .map { "\(folder)/\($0.dropLast(ending.count))" }.sorted()
    }
}

/// One case: its datasets, and its attributes from the JSON that each group repeats them in.
public struct FixtureGroup {
    private let group: HDF5Group
    public let config: JSON

    public init(_ group: HDF5Group) throws {
        self.group = group
        config = try JSON(parsing: group.attributes.string("config_json") ?? "{}")
    }

    public func contains(_ name: String) -> Bool { group.contains(name) }

    public func tensor(_ name: String) throws -> Tensor {
        let dataset = try group.dataset(name)
        return Tensor(shape: Shape(dataset.shape), scalars: try dataset.read(as: Float.self))
    }

    public func integers(_ name: String) throws -> [Int] { try group.dataset(name).read(as: Int.self) }

    /// The difference of Keras's own 32-bit run from the reference; `nil` if there was none.
    public func floatDifference(_ name: String) -> Double? { config["f32_maxdiff_\(name)"]?.number }
}
