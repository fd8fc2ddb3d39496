import CommandLine
import Imaging
import PyImageSearch
import Runs
import ScikitLearn
import System

extension PictureOptions {
    /// Reads all pictures, keeps their aspect ratio, and splits them: a quarter are test images, the very ones that
    /// scikit-learn draws from the sorted list with the book's `random_state=42`.
    ///
    /// - Parameters:
    ///   - side: height and width of the images, in pixels.
    ///   - seed: of drawn pictures.
    ///   - jobs: threads that decode.
    /// - Throws: an error that names the picture that cannot be read, or the class that has no training image.
    public func split(
        side: Int, seed: UInt64, jobs: Int, _ training: TrainingOptions
    ) throws -> ImageDataset {
        let pictures = try list(side: side, seed: seed)
        let (trainRows, testRows) = try trainTestSplit(pictures.count, testSize: 0.25, randomState: 42)
        let trained = Set(trainRows.map { pictures.labels[$0] })
        if let label = pictures.classNames.indices.first(where: { !trained.contains($0) }) {
            throw DatasetError(
                "\(origin): none of the pictures of \(pictures.classNames[label]) is among the training images; it has too few"
            )
        }
        info("loading images...")
        let loader = SimpleDatasetLoader([AspectAwarePreprocessor(width: side, height: side)], jobs: jobs)
        let images = try loader.load(pictures)
        var data = ImageDataset(
            images, labels: pictures.labels, classNames: pictures.classNames, train: trainRows, test: testRows)
        if let limit = training.limit { data.limitTraining(to: limit) }
        if let limit = training.validationLimit { data.limitTesting(to: limit) }
        return data
    }
}
