import Experiments
import NeuralNetwork
import PyImageSearch
import Runs
import System

extension TinyImageNetOptions {
    /// The record that a training run on Tiny ImageNet begins with.
    ///
    /// - Throws: `FileError` where the data set cannot be read for its checksum.
    public func record(
        chapter: String, experiment: TinyImageNetExperiment, epochs: Int, schedule: any LearningRateSchedule,
        network: Model, training: HDF5DatasetGenerator, validation: HDF5DatasetGenerator, seed: UInt64
    ) throws -> RunRecord {
        // With the rate that it begins with, whatever the experiment's own.
        var optimizer = experiment.optimizer()
        optimizer.learningRate = schedule.learningRate(at: 0)
        var described = RunRecord.Experiment(
            name: experiment.name, epochs: epochs, batchSize: batchSize,
            settings: [
                "summary": experiment.summary, "optimizer": "\(optimizer)", "schedule": "\(schedule)",
                "schedule_unit": "epoch", "loss": "\(Loss.categoricalCrossentropy)",
                "augmentation": "\(TinyImageNetExperiment.augmentation)", "normalization": "channel means",
            ])
        described.add(settingsOf: network)
        return RunRecord(
            chapter: chapter, experiment: described,
            network: RunRecord.Network(network.name, network),
            dataset: RunRecord.Dataset(
                name: "tiny-imagenet-200", classes: training.classes, trainingImages: training.sampleCount,
                validationImages: validation.sampleCount, checksum: try md5(ofFile: training.path, verbose: true)),
            seed: seed)
    }
}
