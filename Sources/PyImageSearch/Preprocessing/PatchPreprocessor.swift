import Imaging
import Tensors

/// Cuts a rectangle of a fixed size out of a random place; all places are equally likely. The book's
/// `PatchPreprocessor`.
public struct PatchPreprocessor: Preprocessor {
    /// Width of the result, in pixels.
    public let width: Int
    /// Height of the result, in pixels.
    public let height: Int

    /// The program ends with one line if a size is not from 1 to `Image.largestSide`.
    ///
    /// - Parameters:
    ///   - width: of the result, in pixels.
    ///   - height: of the result, in pixels.
    public init(width: Int, height: Int) {
        requireSize(width, height)
        self.width = width
        self.height = height
    }

    /// `[h, w, channels]` to `[height, width, channels]`.
    ///
    /// - Throws: ``PreprocessingError`` if this is not an image, or it is smaller than the rectangle.
    public func preprocess(_ image: Tensor, random: RandomStream) throws -> Tensor {
        try checkImage(image.shape)
        guard image.shape[0] >= height, image.shape[1] >= width else {
            throw PreprocessingError.tooSmall(width: width, height: height, image.shape)
        }
        let row = random.place(0, among: image.shape[0] - height + 1)
        let column = random.place(1, among: image.shape[1] - width + 1)
        return image.cropped(rows: row..<row + height, columns: column..<column + width)
    }
}
