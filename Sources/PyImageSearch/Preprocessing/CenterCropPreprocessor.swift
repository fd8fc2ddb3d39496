import Imaging
import Tensors

/// Cuts a rectangle of a fixed size out of the middle. An odd pixel remains at the lower and right side.
public struct CenterCropPreprocessor: PicturePreprocessor {
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

    /// `[h, w, channels]` to `[height, width, channels]`, for floats and for bytes.
    ///
    /// - Throws: ``PreprocessingError`` if this is not an image, or it is smaller than the rectangle.
    public func preprocess<Picture: Pixels>(_ image: Picture) throws -> Picture {
        try checkImage(image.shape)
        guard image.shape[0] >= height, image.shape[1] >= width else {
            throw PreprocessingError.tooSmall(width: width, height: height, image.shape)
        }
        let (top, left) = ((image.shape[0] - height) / 2, (image.shape[1] - width) / 2)
        return image.cropped(rows: top..<top + height, columns: left..<left + width)
    }
}
