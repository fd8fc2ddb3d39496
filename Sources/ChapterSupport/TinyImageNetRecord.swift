import NeuralNetwork
import PyImageSearch
import Reporting

extension TinyImageNetOptions {
    /// The record that a training run on Tiny ImageNet begins with.
    ///
    /// - Throws: `FileError` where the data set cannot be read for its checksum.
    public func record(
        chapter: String, experiment: TinyImageNetExperiment, epochs: Int, schedule: any LearningRateSchedule,
        network: Model, training: HDF5DatasetGenerator, validation: HDF5DatasetGenerator, seed: UInt64
    ) throws -> RunRecord {
        var described = RunRecord.Experiment(
            name: experiment.name, epochs: epochs, batchSize: batchSize,
            settings: [
                "summary": experiment.summary, "optimizer": "\(experiment.optimizer())", "schedule": "\(schedule)",
                "schedule_unit": "epoch", "loss": "\(Loss.categoricalCrossentropy)",
                "augmentation": "\(TinyImageNetExperiment.augmentation)", "normalization": "channel means",
            ])
        described.add(settingsOf: network)
        return RunRecord(
            chapter: chapter, experiment: described,
            network: RunRecord.Network(network.name, network),
            dataset: RunRecord.Dataset(
                name: "tiny-imagenet-200", classes: training.classes, trainingImages: training.sampleCount,
                validationImages: validation.sampleCount, checksum: try Self.checksum(of: training.path)),
            seed: seed)
    }
    /// The MD5 of a file. Of the book's float64 files it takes half a minute, which is shown.
    private static func checksum(of path: String) throws -> String {
        var meter: ProgressMeter?
        return try md5(ofFile: path) { read, total in
            let megabyte = 1 << 20
            guard total > 512 * megabyte else { return }
            if meter == nil {
                meter = ProgressMeter("megabytes of \(path) summed up", total: (total + megabyte - 1) / megabyte)
            }
            meter?.update((read + megabyte - 1) / megabyte)
        }
    }
}
