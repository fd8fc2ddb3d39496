import ArgumentParser
import Files
import Foundation
import NeuralNetwork
import PyImageSearch

/// The flags that training on Tiny ImageNet has in every chapter.
public struct TinyImageNetOptions: ParsableArguments {
    @Option(
        help:
            "The folder of train.hdf5, val.hdf5 and the means, as Chapter11BuildTinyImageNet wrote it (default: output/hdf5).",
        transform: Path.argument)
    public var data = TinyImageNetConfig().hdf5

    @Option(help: "Epochs in all (default: the experiment's).")
    public var epochs: Int?

    @Option(help: "One learning rate for all epochs, instead of the experiment's schedule.")
    public var learningRate: Double?

    @Option(help: "Images in a training step.")
    public var batchSize = TinyImageNetExperiment.batchSize

    @Option(help: "Train on the first N images only.")
    public var limit: Int?

    @Option(help: "Everything random follows from it (default: 42; a model that goes on keeps its own).")
    public var seed: UInt64?

    public init() {}

    public func validate() throws {
        try TrainingLimits.check(epochs: epochs, batchSize: batchSize, learningRate: learningRate, limit: limit)
    }

    /// The files' places, with this folder of data.
    public var config: TinyImageNetConfig {
        var config = TinyImageNetConfig()
        config.hdf5 = data
        return config
    }
}
