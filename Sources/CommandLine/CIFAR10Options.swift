import ArgumentParser
import PyImageSearch
import System

/// What a chapter that trains on CIFAR-10, or on drawn shapes in its place, learns from.
public struct CIFAR10Options: ParsableArguments {
    public enum Dataset: String, CaseIterable, ExpressibleByArgument {
        case cifar10, shapes10
    }

    @Option(
        name: .customLong("dataset"),
        help: "cifar10 or shapes10 (default: cifar10 where --data is given, else shapes10).")
    var chosen: Dataset?

    @Option(
        name: .customLong("data"), help: "The folder that holds cifar-10-batches-bin.", transform: Path.argument)
    var folder: String?

    public init() {}

    public func validate() throws {
        guard folder == nil || chosen != .shapes10 else { throw ValidationError("--dataset shapes10 takes no --data") }
    }

    public var dataset: Dataset { chosen ?? (folder == nil ? .shapes10 : .cifar10) }

    /// - Parameter seed: what the shapes are drawn from.
    /// - Throws: `DatasetError` or `FileError` where CIFAR-10 cannot be read or downloaded.
    public func load(seed: UInt64) throws -> ImageDataset {
        switch dataset {
        case .cifar10: try CIFAR10.load(from: folder)
        case .shapes10: Shapes10.load(seed: seed)
        }
    }
}
