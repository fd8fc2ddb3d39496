import CommandLine
import PyImageSearch
import Runs

extension TinyImageNetOptions {
    /// What the images of all sets go through: they are scaled to 64x64 pixels, the means of the training set are
    /// subtracted, and they become arrays.
    ///
    /// - Throws: `NotBuiltError` or `ChannelMeansError` if the means cannot be read.
    public var preprocessors: [any Preprocessor] {
        get throws {
            let means = try ChannelMeans(contentsOf: config.datasetMean)
            return [
                SimplePreprocessor(width: 64, height: 64), means.preprocessor, ImageToArrayPreprocessor(),
            ]
        }
    }

    /// The batches of a run. Only training images are augmented and shuffled.
    ///
    /// - Throws: an error that names the file that is missing or not as expected.
    public func batches(
        for run: TrainingRun, _ training: TrainingOptions
    ) throws -> (train: HDF5DatasetGenerator, validation: HDF5DatasetGenerator) {
        let preprocessors = try preprocessors
        let train = try HDF5DatasetGenerator(
            config.trainHDF5, batchSize: run.batchSize, preprocessors: preprocessors,
            augmentation: run.experiment.augmentation, shuffle: true, seed: run.seed, limit: training.limit)
        let validation = try HDF5DatasetGenerator(
            config.valHDF5, batchSize: run.batchSize, preprocessors: preprocessors, classesOf: train,
            limit: training.validationLimit)
        return (train, validation)
    }
}
