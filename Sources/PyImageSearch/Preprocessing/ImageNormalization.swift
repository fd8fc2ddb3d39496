import NeuralNetwork
import Tensors

/// The normalization of all images by statistics of the training images, before anything else.
public enum ImageNormalization: Described, Equatable {
    /// Subtracts the mean of all training images, pixel by pixel.
    case meanImage
    /// Gives every channel mean 0 and standard deviation 1.
    case channels
    /// Subtracts the mean of every channel: the book's `MeanPreprocessor`.
    case channelMeans

    /// The name of the normalization; no settings.
    public var described: JSON {
        switch self {
        case .meanImage: JSON(className: "MeanImage")
        case .channels: JSON(className: "Normalization", config: ["axis": -1])
        case .channelMeans: JSON(className: "MeanPreprocessor")
        }
    }
}

extension ImageDataset {
    /// Normalizes the training images and, by the same statistics, the test images.
    public mutating func normalize(_ normalization: ImageNormalization) {
        switch normalization {
        case .meanImage:
            let mean = trainImages.meanOfRows()
            trainImages.subtractFromRows(mean)
            testImages.subtractFromRows(mean)
        case .channels:
            let (mean, deviation) = trainImages.channelStatistics()
            trainImages.normalizeChannels(mean: mean, deviation: deviation)
            testImages.normalizeChannels(mean: mean, deviation: deviation)
        case .channelMeans:
            let mean = trainImages.channelStatistics().mean
            let ones = [Float](repeating: 1, count: mean.count)
            trainImages.normalizeChannels(mean: mean, deviation: ones)
            testImages.normalizeChannels(mean: mean, deviation: ones)
        }
    }
}
