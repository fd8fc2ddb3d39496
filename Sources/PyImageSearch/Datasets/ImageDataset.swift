import Imaging
import System
import Tensors

/// Labelled images, divided into those to train on and those to test on.
public struct ImageDataset: Sendable {
    /// `[samples, height, width, 3]`, RGB, 0 to 255.
    public var trainImages: Tensor
    /// Indices into ``classNames``.
    public var trainLabels: [Int]
    public var testImages: Tensor
    public var testLabels: [Int]
    public let classNames: [String]

    public init(
        trainImages: Tensor, trainLabels: [Int], testImages: Tensor, testLabels: [Int], classNames: [String]
    ) {
        self.trainImages = trainImages
        self.trainLabels = trainLabels
        self.testImages = testImages
        self.testLabels = testLabels
        self.classNames = classNames
    }

    /// Keeps only the first `count` training images.
    public mutating func limitTraining(to count: Int) {
        guard count >= 0 else { stop("a data set cannot be cut to \(count) images") }
        guard count < trainLabels.count else { return }
        trainImages = trainImages[rows: 0..<count]
        trainLabels = Array(trainLabels[..<count])
    }

    /// Keeps only the first `count` test images.
    public mutating func limitTesting(to count: Int) {
        guard count >= 0 else { stop("a data set cannot be cut to \(count) images") }
        guard count < testLabels.count else { return }
        testImages = testImages[rows: 0..<count]
        testLabels = Array(testLabels[..<count])
    }

    /// MD5 of the training images, a byte a value, each followed by its label's byte.
    public func trainingChecksum() -> String {
        let size = trainImages.shape.sample.count
        let sum = MD5()
        for (row, label) in trainLabels.enumerated() {
            let pixels = [UInt8](rounding: trainImages.scalars[row * size..<(row + 1) * size])
            (pixels + [UInt8(truncatingIfNeeded: label)]).withUnsafeBytes(sum.add)
        }
        return sum.hexadecimal()
    }
}

/// A data set that is not there, or not what it should be; one line that says what to do.
public struct DatasetError: Error, CustomStringConvertible, Equatable {
    public let description: String
    public init(_ description: String) { self.description = description }
}
