import Foundation
import HDF5
import Imaging
import System
import Tensors

/// A few images and weights of a run, for the report's figures: a small HDF5 file beside the record, so that figures
/// can be drawn without the data set.
public struct RunSamples: Sendable {
    /// Images for readers, RGB, `[images, height, width, 3]`, with labels and predictions.
    public struct Mistakes: Sendable {
        public var images: ByteImages
        public var truth: [Int]
        public var predicted: [Int]
        /// The probability that the network gave to its answer.
        public var probability: [Float]

        public init(images: ByteImages, truth: [Int], predicted: [Int], probability: [Float]) {
            self.images = images
            self.truth = truth
            self.predicted = predicted
            self.probability = probability
        }

        /// The mistakes with the highest probability, the highest first.
        ///
        /// - Parameters:
        ///   - probabilities: `[images, classes]`.
        ///   - images: with or without normalization.
        public static func mostConfident(
            _ count: Int, _ probabilities: Tensor, truth: [Int], images: ByteImages
        ) -> Mistakes {
            guard probabilities.shape.rank == 2, count >= 0,
                probabilities.rowCount == truth.count, images.shape[0] == truth.count
            else {
                stop(
                    "\(count) mistakes cannot be found among probabilities \(probabilities.shape) of images \(images.shape) with "
                        + "\(truth.count) labels")
            }
            let classes = probabilities.shape[1]
            var wrong: [(row: Int, predicted: Int, probability: Float)] = []
            for row in truth.indices {
                let scores = probabilities.scalars[row * classes..<(row + 1) * classes]
                guard !scores.isEmpty else { continue }
                let predicted = scores.argmax()
                if predicted != truth[row] {
                    wrong.append((row, predicted, scores[scores.startIndex + predicted]))
                }
            }
            let surest = wrong.sorted { ($1.probability, $0.row) < ($0.probability, $1.row) }.prefix(count)
            return Mistakes(
                images: images.gathered(rows: surest.map(\.row)), truth: surest.map { truth[$0.row] },
                predicted: surest.map(\.predicted), probability: surest.map(\.probability))
        }
    }

    /// The first convolution's kernel, `[height, width, 3, filters]`.
    public var firstLayerKernel: Tensor?
    public var mistakes: Mistakes?
    /// Training images before augmentation, RGB, with their labels.
    public var batch: (images: ByteImages, labels: [Int])?

    public init(
        firstLayerKernel: Tensor? = nil, mistakes: Mistakes? = nil, batch: (images: ByteImages, labels: [Int])? = nil
    ) {
        self.firstLayerKernel = firstLayerKernel
        self.mistakes = mistakes
        self.batch = batch
    }

    /// Reads a file.
    ///
    /// - Throws: ``RunRecordError`` naming the part with another shape, `HDF5Error` if it cannot be read.
    public init(contentsOf path: String) throws {
        let root = try HDF5File(reading: path).root
        func tensor(_ name: String, _ expected: String, _ isRight: ([Int]) -> Bool) throws -> Tensor {
            let dataset = try root.dataset(name)
            guard isRight(dataset.shape) else {
                throw RunRecordError("\(path): \(name) should be \(expected), but is \(dataset.shape)")
            }
            return Tensor(shape: Shape(dataset.shape), scalars: try dataset.read(as: Float.self))
        }
        func images(_ name: String) throws -> ByteImages {
            let pixels = try tensor(name, "[images, height, width, 3]") { shape in
                shape.count == 4 && shape[3] == 3 && shape.dropFirst().allSatisfy { $0 > 0 }
            }
            return ByteImages(shape: pixels.shape, bytes: [UInt8](rounding: pixels.scalars[...]))
        }
        func numbers<Value: HDF5Scalar>(_ name: String, of images: ByteImages, as type: Value.Type) throws -> [Value] {
            let dataset = try root.dataset(name)
            guard dataset.shape == [images.shape[0]] else {
                throw RunRecordError("\(path): \(name) should be [\(images.shape[0])], but is \(dataset.shape)")
            }
            return try dataset.read(as: type)
        }
        if root.contains("first_layer_kernel") {
            firstLayerKernel = try tensor("first_layer_kernel", "[height, width, 3, filters]") {
                $0.count == 4 && $0[2] == 3 && $0.allSatisfy { $0 > 0 }
            }
        }
        if root.contains("mistakes") {
            let wrong = try images("mistakes/images")
            mistakes = Mistakes(
                images: wrong, truth: try numbers("mistakes/truth", of: wrong, as: Int.self),
                predicted: try numbers("mistakes/predicted", of: wrong, as: Int.self),
                probability: try numbers("mistakes/probability", of: wrong, as: Float.self))
        }
        if root.contains("batch") {
            let shown = try images("batch/images")
            batch = (shown, try numbers("batch/labels", of: shown, as: Int.self))
        }
    }

    /// Writes the file, whole or not at all.
    public func write(to path: String) throws {
        let file = try HDF5File(inMemory: path)
        if let firstLayerKernel {
            try file.root.createDataset("first_layer_kernel", shape: firstLayerKernel.shape.dimensions, type: .float32)
                .write(firstLayerKernel.scalars)
        }
        if let mistakes {
            try write(mistakes.images, "mistakes/images", file)
            try write(mistakes.truth, "mistakes/truth", file)
            try write(mistakes.predicted, "mistakes/predicted", file)
            try file.root.createDataset("mistakes/probability", shape: [mistakes.probability.count], type: .float32)
                .write(mistakes.probability)
        }
        if let batch {
            try write(batch.images, "batch/images", file)
            try write(batch.labels, "batch/labels", file)
        }
        try WholeFile.write(file.contents(), to: path)
    }

    private func write(_ images: ByteImages, _ name: String, _ file: HDF5File) throws {
        try file.root.createDataset(name, shape: images.shape.dimensions, type: .uint8).write(images.bytes)
    }

    private func write(_ numbers: [Int], _ name: String, _ file: HDF5File) throws {
        try file.root.createDataset(name, shape: [numbers.count], type: .int64).write(numbers)
    }
}
