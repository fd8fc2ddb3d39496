import ArgumentParser
import System

/// Where the programs that classify by features keep features and classifier.
public struct ClassifierOptions: ParsableArguments {
    @Option(
        name: [.customShort("d"), .customLong("db")],
        help: "The HDF5 file of the features (default: output/features.hdf5).", transform: Path.argument)
    public var database = "output/features.hdf5"

    @Option(
        name: .shortAndLong, help: "The file of the classifier (default: output/classifier.hdf5).",
        transform: Path.argument)
    public var model = "output/classifier.hdf5"

    public init() {}
}
