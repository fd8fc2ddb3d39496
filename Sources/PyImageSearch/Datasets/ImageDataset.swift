import Imaging
import System

/// Labeled images in memory, split into training and test images.
public struct ImageDataset: Sendable {
    /// `[samples, height, width, 3]`, RGB, 0 to 255.
    public var trainImages: ByteImages
    /// Indices into ``classNames``.
    public var trainLabels: [Int]
    /// `[samples, height, width, 3]`, RGB, 0 to 255.
    public var testImages: ByteImages
    /// Indices into ``classNames``.
    public var testLabels: [Int]
    /// The names of the classes, by label.
    public let classNames: [String]

    /// - Parameters:
    ///   - trainImages: `[samples, height, width, 3]`, RGB, 0 to 255.
    ///   - trainLabels: one for each training image.
    ///   - testImages: `[samples, height, width, 3]`, RGB, 0 to 255.
    ///   - testLabels: one for each test image.
    ///   - classNames: by label.
    public init(
        trainImages: ByteImages, trainLabels: [Int], testImages: ByteImages, testLabels: [Int], classNames: [String]
    ) {
        self.trainImages = trainImages
        self.trainLabels = trainLabels
        self.testImages = testImages
        self.testLabels = testLabels
        self.classNames = classNames
    }

    /// Images that are split into training and test images.
    ///
    /// The program ends with one line if one of the rows does not exist.
    ///
    /// - Parameters:
    ///   - images: `[samples, height, width, 3]`, RGB, 0 to 255.
    ///   - labels: one for each image.
    ///   - classNames: by label.
    ///   - train: the rows of the training images, in their order.
    ///   - test: the rows of the test images, in their order.
    public init(_ images: ByteImages, labels: [Int], classNames: [String], train: [Int], test: [Int]) {
        self.init(
            trainImages: images.gathered(rows: train), trainLabels: train.map { labels[$0] },
            testImages: images.gathered(rows: test), testLabels: test.map { labels[$0] }, classNames: classNames)
    }

    /// Keeps only the first `count` training images. The program ends with one line if `count` is negative.
    public mutating func limitTraining(to count: Int) {
        guard count >= 0 else { stop("a data set cannot be cut to \(count) images") }
        guard count < trainLabels.count else { return }
        trainImages = trainImages[rows: 0..<count]
        trainLabels = Array(trainLabels[..<count])
    }

    /// Keeps only the first `count` test images. The program ends with one line if `count` is negative.
    public mutating func limitTesting(to count: Int) {
        guard count >= 0 else { stop("a data set cannot be cut to \(count) images") }
        guard count < testLabels.count else { return }
        testImages = testImages[rows: 0..<count]
        testLabels = Array(testLabels[..<count])
    }

    /// MD5 of the training images, each followed by its label's byte.
    public func trainingChecksum() -> String {
        let sum = MD5()
        for (row, label) in trainLabels.enumerated() {
            trainImages.bytes(of: row).withUnsafeBytes(sum.add)
            withUnsafeBytes(of: UInt8(truncatingIfNeeded: label), sum.add)
        }
        return sum.hexadecimal()
    }
}

/// A data set that is missing, or not as expected.
public struct DatasetError: Error, CustomStringConvertible, Equatable {
    /// One line: which file, what was expected, what was found, what to do.
    public let description: String
    /// What a program can offer its user, if there is something.
    public let remedy: Remedy?

    /// A way out that a program can offer its user.
    public enum Remedy: Sendable, Equatable {
        /// Another folder of the data set.
        case anotherFolder
        /// Another folder, or the drawn shapes in place of CIFAR-10.
        case anotherFolderOrShapes
        /// Another data set of pictures, or the drawn shapes in its place.
        case anotherDataset
        /// A number of classes up to this one.
        case classes(upTo: Int)
        /// Numbers that count the sorted folders of the training images.
        case sortedFolders
    }

    /// - Parameters:
    ///   - description: one line: which file, what was expected, what was found, what to do.
    ///   - remedy: what a program may offer beyond that.
    public init(_ description: String, remedy: Remedy? = nil) {
        self.description = description
        self.remedy = remedy
    }
}
