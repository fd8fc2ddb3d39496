import Imaging
import NeuralNetwork
import PyImageSearch
import Tensors

/// A data set in memory as it was loaded, before its pixels are normalized. Record and figures need it.
public struct LoadedImages: TrainingSet {
    public let origin: String
    public let classNames: [String]?
    public var classes: Int { classNames?.count ?? 0 }
    private let trainingChecksum: String
    private let testImages: ByteImages
    private let testLabels: [Int]
    private let firstImages: ByteImages
    private let firstLabels: [Int]

    /// - Parameter origin: what messages call the data set.
    public init(_ data: ImageDataset, origin: String) {
        self.origin = origin
        classNames = data.classNames
        trainingChecksum = data.trainingChecksum()
        (testImages, testLabels) = (data.testImages, data.testLabels)
        firstLabels = Array(data.trainLabels.prefix(16))
        firstImages = data.trainImages[rows: 0..<firstLabels.count]
    }

    public func checksum() -> String? { trainingChecksum }

    /// What the report's figures show of a run: the first training images, the model's first kernels, and its most
    /// confident mistakes.
    ///
    /// - Parameter probabilities: of the test images, `[images, classes]`.
    public func samples(_ model: Model, _ probabilities: Tensor) throws -> RunSamples {
        RunSamples(
            firstLayerKernel: try model.weights().first,
            mistakes: .mostConfident(25, probabilities, truth: testLabels, images: testImages),
            batch: (firstImages, firstLabels))
    }
}
