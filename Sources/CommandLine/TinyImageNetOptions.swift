import ArgumentParser
import Experiments
import Foundation
import NeuralNetwork
import PyImageSearch
import System

/// The flags that training on Tiny ImageNet has in every chapter.
public struct TinyImageNetOptions: ParsableArguments {
    @Option(
        help:
            "The folder of train.hdf5, val.hdf5 and the means, as Chapter11BuildTinyImageNet wrote it (default: output/hdf5).",
        transform: Path.argument)
    public var data = TinyImageNetConfig().hdf5

    @Option(help: "Epochs in all (default: the experiment's, as listed above).")
    public var epochs: Int?

    @Option(help: "Images in a training step.")
    public var batchSize = TinyImageNetExperiment.batchSize

    @Option(help: "Train on the first N images only; all validation images are used.")
    public var limit: Int?

    @Option(help: "Everything random follows from it (default: 42; a model that goes on keeps its own).")
    public var seed: UInt64?

    public init() {}

    public func validate() throws {
        try TrainingLimits.check(epochs: epochs, batchSize: batchSize, learningRate: nil, limit: limit)
    }

    /// The list of experiments for the help text of `--experiment`.
    public static var experiments: String {
        let list = TinyImageNetExperiment.all.map { "\($0.name) (\($0.summary); \(counted($0.epochs, "epoch")))" }
        return "Experiments: \(list.joined(separator: "; "))."
    }

    /// The files' places, with this folder of data.
    public var config: TinyImageNetConfig {
        var config = TinyImageNetConfig()
        config.hdf5 = data
        return config
    }
}
