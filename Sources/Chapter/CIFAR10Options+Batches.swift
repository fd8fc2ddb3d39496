import CommandLine
import PyImageSearch
import Runs
import Tensors

extension CIFAR10Options {
    /// Loads the images of a run, normalizes them and makes batches of them, as the experiment says. Only training images
    /// are augmented and shuffled.
    ///
    /// - Returns: the batches; the test images with their labels, one-hot; and the images as they were loaded, for the
    ///   run's record.
    /// - Throws: an error that names the file that is missing or not as expected.
    public func batches(
        for run: TrainingRun, _ training: TrainingOptions
    ) throws -> (train: AugmentedBatches, validation: (ByteImages, Tensor), images: LoadedImages) {
        var data = try load(seed: run.seed, training)
        let images = LoadedImages(data, origin: "\(dataset)")
        if let normalization = run.experiment.normalization { data.normalize(normalization) }
        let (trainY, testY) = try data.oneHotLabels()
        let generator = run.experiment.augmentation ?? ImageDataGenerator()
        let batches = generator.flow(data.trainImages, trainY, batchSize: run.batchSize, seed: run.seed)
        return (batches, (data.testImages, testY), images)
    }
}
