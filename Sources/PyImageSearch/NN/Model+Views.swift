import Imaging
import NeuralNetwork
import System
import Tensors

extension Model {
    /// The first output for every image, averaged over its views.
    ///
    /// Images are read when they are needed. At any time only one image is in memory, or as many as have `batchSize`
    /// views together.
    ///
    /// - Parameters:
    ///   - crops: the views of an image.
    ///   - images: with their classes. A failure ends the prediction with its error.
    ///   - count: number of images, for the progress bar.
    ///   - preprocessor: applied to every view.
    ///   - batchSize: views that are computed together.
    ///   - verbose: whether progress is shown, if it takes more than two seconds.
    /// - Returns: `[images, classes]`, and the classes of the images.
    /// - Throws: ``PreprocessingError`` for an image that is too small or has other channels than the others, and the
    ///   errors of `predict(_:batchSize:verbose:)`.
    public func predict<Picture: Pixels>(
        views crops: TestTimeCrops, of images: some Sequence<Result<(image: Picture, label: Int), any Error>>,
        count: Int, preprocessor: some FixedPreprocessor, batchSize: Int = 32, verbose: Bool = false
    ) throws -> (predictions: Tensor, labels: [Int]) {
        let bar = verbose ? ProgressBar("images predicted", total: count, delay: ProgressBar.patience) : nil
        var (averages, labels): ([Float], [Int]) = ([], [])
        var waiting: [(image: Picture, label: Int)] = []
        func predictWaiting() throws {
            guard !waiting.isEmpty else { return }
            let views = try waiting.map(\.image).concurrentMap(jobs: backend?.threads ?? 1) { image in
                try crops.crops(of: image).map { try preprocessor.preprocess($0.tensor) }
            }.flatMap { try $0.get() }
            if let other = views.first(where: { $0.shape != views[0].shape }) {
                throw PreprocessingError.differentViews(views[0].shape, other.shape)
            }
            let predictions = try predict(Tensor(rows: views), batchSize: batchSize)
            for first in stride(from: 0, to: views.count, by: crops.count) {
                averages += predictions[rows: first..<first + crops.count].meanOfRows().scalars
            }
            labels += waiting.map(\.label)
            waiting = []
            bar?.update(labels.count)
        }
        for image in images {
            waiting.append(try image.get())
            if (waiting.count + 1) * crops.count > batchSize { try predictWaiting() }
        }
        try predictWaiting()
        bar?.finish(labels.count)
        let output = outputs[0].shape
        return (Tensor(shape: output.batched(labels.count), scalars: averages), labels)
    }
}
