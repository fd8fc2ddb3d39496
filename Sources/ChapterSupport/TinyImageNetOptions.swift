import ArgumentParser
import Foundation
import NeuralNetwork
import PyImageSearch

/// The flags that training on Tiny ImageNet has in every chapter.
public struct TinyImageNetOptions: ParsableArguments {
    @Option(help: "The folder of train.hdf5, val.hdf5 and the means, as Chapter11BuildTinyImageNet wrote it.")
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
        if let epochs, !(1...1_000_000).contains(epochs) {
            throw ValidationError("--epochs must be at least 1 and at most 1000000, not \(epochs)")
        }
        guard !data.isEmpty else { throw ValidationError("--data must not be empty") }
        guard (1...65_536).contains(batchSize) else {
            throw ValidationError("--batch-size must be from 1 to 65536, not \(batchSize)")
        }
        if let rate = learningRate, !(rate > 0 && rate.isFinite) {
            throw ValidationError("--learning-rate must be above 0, not \(rate)")
        }
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1, not \(limit)") }
    }

    /// The files' places, with this folder of data.
    public var config: TinyImageNetConfig {
        var config = TinyImageNetConfig()
        config.hdf5 = data
        return config
    }
}
