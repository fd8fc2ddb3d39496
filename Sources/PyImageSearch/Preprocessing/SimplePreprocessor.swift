import Imaging
import Tensors

/// Resizes to a fixed size and ignores the aspect ratio. The book's `SimplePreprocessor`.
public struct SimplePreprocessor: PicturePreprocessor {
    /// Width of the result, in pixels.
    public let width: Int
    /// Height of the result, in pixels.
    public let height: Int
    /// The method of resizing; OpenCV's `INTER_AREA` by default.
    public let interpolation: Interpolation

    /// The program ends with one line if a size is not from 1 to `Image.largestSide`.
    ///
    /// - Parameters:
    ///   - width: of the result, in pixels.
    ///   - height: of the result, in pixels.
    ///   - interpolation: the method of resizing.
    public init(width: Int, height: Int, interpolation: Interpolation = .area) {
        requireSize(width, height)
        self.width = width
        self.height = height
        self.interpolation = interpolation
    }

    /// `[h, w, channels]` to `[height, width, channels]`, for floats and for bytes. An image of this size is not
    /// changed.
    ///
    /// - Throws: ``PreprocessingError`` if this is not an image.
    public func preprocess<Picture: Pixels>(_ image: Picture) throws -> Picture {
        try checkImage(image.shape)
        return image.resized(width: width, height: height, interpolation: interpolation)
    }
}
