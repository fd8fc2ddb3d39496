import ArgumentParser
import Experiments
import PyImageSearch
import System

/// The data set of a chapter that trains on CIFAR-10, or on drawn shapes instead.
public struct CIFAR10Options: ParsableArguments {
    public enum Dataset: String, CaseIterable, ExpressibleByArgument {
        case cifar10, shapes10
    }

    @Option(
        name: .customLong("dataset"),
        help: "cifar10 or shapes10 (default: cifar10 if --data is given, else shapes10).")
    var chosen: Dataset?

    @Option(
        name: .customLong("data"),
        help: FlagHelp.data("cifar-10-batches-bin", default: "where it is found, or downloaded to"),
        transform: Path.argument)
    var folder: String?

    public init() {}

    public func validate() throws {
        guard folder == nil || chosen != .shapes10 else { throw ValidationError("--dataset shapes10 takes no --data") }
    }

    public var dataset: Dataset { chosen ?? (folder == nil ? .shapes10 : .cifar10) }

    /// The experiments as they are run on the data set that the flags choose.
    ///
    /// - Parameter shapesEpochs: the number of epochs for the drawn shapes.
    public func experiments(_ experiments: [Experiment], shapesEpochs: Int) -> [Experiment] {
        dataset == .cifar10 ? experiments : experiments.map { $0.onShapes10(epochs: shapesEpochs) }
    }

    /// - Parameters:
    ///   - seed: the shapes are drawn from it.
    ///   - training: the limits on the number of images.
    /// - Throws: `DatasetError` or `FileError` if CIFAR-10 cannot be read or downloaded.
    public func load(seed: UInt64, _ training: TrainingOptions) throws -> ImageDataset {
        try load(seed: seed, limit: training.limit, validationLimit: training.validationLimit)
    }

    /// - Parameters:
    ///   - seed: the shapes are drawn from it.
    ///   - limit: of the training images.
    ///   - validationLimit: of the test images.
    /// - Throws: `DatasetError` or `FileError` if CIFAR-10 cannot be read or downloaded.
    public func load(seed: UInt64, limit: Int?, validationLimit: Int?) throws -> ImageDataset {
        info("loading \(dataset) data...")
        var data =
            switch dataset {
            case .cifar10: try CIFAR10.load(from: folder)
            case .shapes10: Shapes10.load(seed: seed)
            }
        if let limit { data.limitTraining(to: limit) }
        if let validationLimit { data.limitTesting(to: validationLimit) }
        return data
    }
}
