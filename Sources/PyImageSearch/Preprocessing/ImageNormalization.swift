import Imaging
import NeuralNetwork
import Tensors

/// The normalization of all images before anything else, most by statistics of the training images.
public enum ImageNormalization: Described, Equatable {
    /// Changes nothing: 0 to 255.
    case plain
    /// Divides by 255: 0 to 1.
    case unit
    /// Puts blue first, as OpenCV reads pictures, and divides by 255.
    case unitBGR
    /// Divides by 127.5 and subtracts 1: -1 to 1. Keras's `preprocess_input` of mode `tf`, for ``InceptionV3`` and
    /// ``InceptionResNetV2``.
    case symmetric
    /// Puts blue first and subtracts ImageNet's mean of each channel: ``ImageNetPreprocessor``.
    case imageNet
    /// Subtracts the mean of all training images, pixel by pixel.
    case meanImage
    /// Gives every channel mean 0 and standard deviation 1.
    case channels
    /// Subtracts the mean of every channel: the book's `MeanPreprocessor`.
    case channelMeans

    /// What becomes of a byte, by the statistics of the training images.
    ///
    /// 1e-6 is added to a deviation, as Keras's `featurewise_std_normalization` does: a constant channel becomes 0.
    public func conversion(of training: ByteImages) -> ByteConversion {
        func repeated(_ channels: [Float]) -> Tensor {
            let shape = training.shape.sample
            return Tensor(shape: shape, scalars: (0..<shape.count).map { channels[$0 % channels.count] })
        }
        switch self {
        case .plain: return .plain
        case .unit: return .unit
        case .unitBGR: return .reversed(means: [0, 0, 0], divisor: 255)
        case .symmetric: return .symmetric
        case .imageNet: return ImageNetPreprocessor.conversion
        case .meanImage: return .centered(mean: training.meanImage())
        case .channelMeans: return .centered(mean: repeated(training.channelStatistics().mean))
        case .channels:
            let (mean, deviation) = training.channelStatistics()
            return .standardized(mean: repeated(mean), divisor: repeated(deviation.map { $0 + 1e-6 }))
        }
    }

    /// The name of the normalization, and its settings if it has some.
    public var described: JSON {
        switch self {
        case .plain: JSON(className: "Rescaling", config: ["scale": 1])
        case .unit: JSON(className: "Rescaling", config: ["scale": .number(1.0 / 255)])
        case .unitBGR: JSON(className: "Rescaling", config: ["scale": .number(1.0 / 255), "channels": "BGR"])
        case .symmetric: JSON(className: "Rescaling", config: ["scale": .number(1 / 127.5), "offset": -1])
        case .imageNet: JSON(className: "ImageNetPreprocessor")
        case .meanImage: JSON(className: "MeanImage")
        case .channels: JSON(className: "Normalization", config: ["axis": -1])
        case .channelMeans: JSON(className: "MeanPreprocessor")
        }
    }
}

extension ImageDataset {
    /// Normalizes the training images and, by the same statistics, the test images.
    public mutating func normalize(_ normalization: ImageNormalization) {
        trainImages.conversion = normalization.conversion(of: trainImages)
        testImages.conversion = trainImages.conversion
    }
}
