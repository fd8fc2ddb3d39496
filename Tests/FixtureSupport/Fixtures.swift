import Foundation
import HDF5
import NeuralNetwork
import Tensors

/// The folders of reference numbers. `Tests/Fixtures/README.md` describes their files and their origin.
public enum Fixtures {
    /// The folder beside the tests.
    public static let own = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures").path

    /// The folder that fixture tests read: the one beside the tests, or one of the same layout that `$FIXTURES` names.
    public static let folder = ProcessInfo.processInfo.environment["FIXTURES"] ?? own

    /// A file beside the tests, for tests that need just this one.
    public static func own(_ name: String) -> String { "\(own)/\(name)" }
}

/// The files and folders of reference numbers that tests read. A set need not have all of them: tests run its cases, and fail for one
/// that they cannot run.
public enum FixtureFile: String, CaseIterable, Sendable {
    case layers = "layers.hdf5"
    case layers2 = "layers2.hdf5"
    case models = "models.json"
    case modelsIO = "models_io.hdf5"
    case models2 = "models2.json"
    case models2IO = "models2_io.hdf5"
    case transfer = "transfer.json"
    case transferIO = "transfer_io.hdf5"
    case losses = "losses.hdf5"
    case parallel = "parallel.json"
    case parallelIO = "parallel_io.hdf5"
    case kerasModels = "keras_models"
    case kerasFiles = "keras_files"
    case optimizers = "optimizers.hdf5"
    case optimizerExtras = "optimizer_extras.hdf5"
    case schedules = "schedules.json"
    case metrics = "metrics.json"
    case logistic = "logistic.hdf5"
    case splits = "splits.json"
    case augmentation = "augmentation.hdf5"
    case images = "images.hdf5"
    case photographs = "images"

    public var path: String { "\(Fixtures.folder)/\(rawValue)" }
    public var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// The numbers that belong to a file of networks.
    public var io: FixtureFile {
        switch self {
        case .models: .modelsIO
        case .models2: .models2IO
        case .transfer: .transferIO
        default: self
        }
    }

    public func json() throws -> JSON { try JSON(parsing: String(contentsOfFile: path, encoding: .utf8)) }

    public func root() throws -> HDF5Group { try HDF5File(reading: path).root }

    /// A group, with its attributes as JSON.
    public func group(_ name: String) throws -> FixtureGroup { try FixtureGroup(root().group(name)) }

    /// The groups of a file, or of a group in it; none if the folder lacks the file.
    ///
    /// - Throws: ``FixtureError`` if it holds none.
    public func groups(in parent: String? = nil) throws -> [FixtureCase] {
        guard exists else { return [] }
        let group = try parent.map { try root().group($0) } ?? root()
        let names = try group.names().filter { (try? group.group($0)) != nil }
        let prefix = parent.map { "\($0)/" } ?? ""
        let cases = names.map { FixtureCase(file: self, name: prefix + $0) }
        return try Self.notEmpty(cases, of: "\(rawValue)\(parent.map { "/\($0)" } ?? "")")
    }

    /// A list in a file of JSON; none if the folder lacks the file.
    ///
    /// - Parameter mayLack: whether the file may have no such list.
    /// - Throws: ``FixtureError`` if there is nothing in it.
    public func list(_ key: String, mayLack: Bool = false) throws -> [JSON] {
        guard exists else { return [] }
        let list = try json()[key]?.array ?? []
        return mayLack ? list : try Self.notEmpty(list, of: "\(rawValue), \"\(key)\"")
    }

    /// The variants in a file of networks, each with its `layers`: those of the network that it is of, with other output
    /// shapes, fewer of them, or a few more.
    ///
    /// - Throws: ``FixtureError`` for a variant of no network.
    public func variants() throws -> [JSON] {
        let originals = exists ? try list("models") : []
        return try list("variants", mayLack: true).map { json in
            guard case .object(var variant) = json, let original = originals.first(where: { $0["key"] == json["of"] })
            else { throw FixtureError(description: "the variant \(json["key"]?.string ?? "?") is of no network") }
            let omitted = Set(json["layers_omitted"]?.strings ?? [])
            let kept = (original["layers"]?.array ?? []).filter { !omitted.contains($0["name"]?.string ?? "") }
            let layers = kept + (json["layers_added"]?.array ?? []), shapes = json["output_shapes"]?.array ?? []
            guard layers.count == shapes.count else {
                throw FixtureError(description: "\(json["key"]?.string ?? "?") has \(shapes.count) output_shapes")
            }
            variant["layers"] = .array(
                zip(layers, shapes).map { layer, shape in
                    guard case .object(var members) = layer else { return layer }
                    members["output_shape"] = shape
                    return .object(members)
                })
            return .object(variant)
        }
    }

    /// Keras's files in a folder that have side files, by the names of the side files without their ending; none if
    /// there is no folder.
    ///
    /// - Throws: ``FixtureError`` if it holds none.
    public func sideFiles() throws -> [KerasFixture] {
        guard exists else { return [] }
        return try Self.notEmpty(KerasFixture.all(in: path), of: rawValue)
    }

    private static func notEmpty<Element>(_ cases: [Element], of place: String) throws -> [Element] {
        guard !cases.isEmpty else { throw FixtureError(description: "\(place) holds no cases") }
        return cases
    }
}

/// A set of fixtures that tests cannot run.
public struct FixtureError: Error, CustomStringConvertible {
    public let description: String
    public init(description: String) { self.description = description }
}

/// The name of a group that holds a case.
public struct FixtureCase: Sendable, CustomStringConvertible {
    public let file: FixtureFile
    public let name: String

    public func open() throws -> FixtureGroup { try file.group(name) }
    public var description: String { "\(file.rawValue), \(name)" }
}

/// The side file of files that Keras wrote.
public struct KerasFixture: Sendable, CustomStringConvertible {
    public let folder: String
    /// The side file's name, without its ending.
    public let name: String
    private static let ending = "_io.hdf5"

    public static func all(in folder: String) throws -> [KerasFixture] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(ending) }.sorted()
            .map { KerasFixture(folder: folder, name: String($0.dropLast(ending.count))) }
    }

    public func open() throws -> FixtureGroup {
        try FixtureGroup(HDF5File(reading: "\(folder)/\(name)\(Self.ending)").root)
    }
    public var description: String { name }
}

/// One case: its datasets, and its attributes from the JSON that each group repeats them in.
public struct FixtureGroup {
    public let group: HDF5Group
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

    /// A setting of the case.
    ///
    /// - Throws: ``FixtureError`` if it is absent.
    public func setting(_ key: String) throws -> JSON {
        guard let value = config[key] else { throw FixtureError(description: "\(group.path) has no \(key)") }
        return value
    }

    public func shape(_ key: String) throws -> Shape { try setting(key).shape }

    /// The images that a key and a shape of the configuration name.
    public func images(_ key: String, _ shape: String = "input_shape") throws -> Tensor {
        hashImages(try setting(key).string ?? "", try self.shape(shape))
    }
}

extension JSON {
    /// A list of numbers as a shape.
    public var shape: Shape { Shape((array ?? []).compactMap(\.integer)) }
    /// A list of names.
    public var strings: [String] { (array ?? []).compactMap(\.string) }
}

/// One-hot rows.
public func oneHot(_ labels: some Collection<Int>, classes: Int) -> Tensor {
    var targets = Tensor(shape: [labels.count, classes])
    for (row, label) in labels.enumerated() { targets.scalars[row * classes + label] = 1 }
    return targets
}
