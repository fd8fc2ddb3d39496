import Imaging
import System
import Tensors

/// Reads a data set of pictures into memory, each through the same preprocessors: the book's `SimpleDatasetLoader`.
public struct SimpleDatasetLoader: Sendable {
    private let preprocessors: [any PicturePreprocessor]
    private let jobs: Int

    /// - Parameters:
    ///   - preprocessors: applied to every picture in this order. They have to leave all pictures at one size.
    ///   - jobs: number of threads that decode and preprocess.
    public init(_ preprocessors: [any PicturePreprocessor], jobs: Int = 1) {
        (self.preprocessors, self.jobs) = (preprocessors, max(jobs, 1))
    }

    /// All pictures, `[count, height, width, 3]`, red first, 0 to 255, in the data set's order. A progress bar appears after
    /// two seconds.
    ///
    /// - Throws: `ImageError`, `FileError` or ``DatasetError`` naming the picture that cannot be used.
    public func load(_ pictures: PictureDataset) throws -> ByteImages {
        let bar = ProgressBar("pictures read", total: pictures.count, delay: ProgressBar.patience)
        defer { bar.stop() }
        var bytes: [UInt8] = [], shape: Shape?
        for first in stride(from: 0, to: pictures.count, by: Self.chunk) {
            let rows = first..<min(first + Self.chunk, pictures.count)
            for (row, image) in zip(rows, Array(rows).concurrentMap(jobs: jobs) { try picture($0, of: pictures) }) {
                let image = try image.get()
                if let shape, image.shape != shape {
                    throw DatasetError(
                        "\(pictures.names[row]) has the shape \(image.shape) after preprocessing, but the pictures before it have "
                            + "\(shape)")
                }
                if shape == nil {
                    shape = image.shape
                    bytes.reserveCapacity(pictures.count * image.pixels.count)
                }
                bytes += image.pixels
            }
            bar.update(rows.upperBound)
        }
        guard let shape else { throw DatasetError("a data set has no pictures to read") }
        return ByteImages(shape: shape.batched(pictures.count), bytes: bytes)
    }

    /// Pictures in memory beside the result.
    private static let chunk = 64

    /// One picture, preprocessed.
    ///
    /// - Throws: as ``load(_:)``.
    public func picture(_ index: Int, of pictures: PictureDataset) throws -> Image {
        do {
            return try preprocessors.reduce(pictures.picture(index)) { try $1.preprocess($0) }
        } catch let error as PreprocessingError { throw DatasetError("\(pictures.names[index]): \(error)") }
    }
}
