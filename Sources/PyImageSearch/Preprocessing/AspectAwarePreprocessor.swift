import Imaging
import Tensors

/// Resizes to a fixed size and keeps the aspect ratio: scales the shorter side to fit, then cuts the longer one at both
/// ends. The book's `AspectAwarePreprocessor`.
public struct AspectAwarePreprocessor: PicturePreprocessor {
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

    /// `[h, w, channels]` to `[height, width, channels]`, for floats and for bytes.
    ///
    /// - Throws: ``PreprocessingError`` if this is not an image, or it is too long for its width.
    public func preprocess<Picture: Pixels>(_ image: Picture) throws -> Picture {
        try checkImage(image.shape)
        let (oldHeight, oldWidth) = (image.shape[0], image.shape[1])
        let part: Picture
        // The book scales the whole picture first; a picture of one row would then exceed the memory.
        let longer = max(height * oldWidth / oldHeight, width * oldHeight / oldWidth)
        guard longer <= Image.largestSide else { throw PreprocessingError.tooLong(image.shape) }
        if oldWidth < oldHeight {
            let scaled = Int(Double(oldHeight) * (Double(width) / Double(oldWidth)))
            part = image.resized(width: width, height: max(1, scaled), interpolation: interpolation)
                .cropped(rows: Self.middle(of: max(1, scaled), height), columns: 0..<width)
        } else {
            let scaled = Int(Double(oldWidth) * (Double(height) / Double(oldHeight)))
            part = image.resized(width: max(1, scaled), height: height, interpolation: interpolation)
                .cropped(rows: 0..<height, columns: Self.middle(of: max(1, scaled), width))
        }
        // If the difference is odd, one pixel is too many.
        return part.resized(width: width, height: height, interpolation: interpolation)
    }

    /// The book's `[d : count - d]`, where d is half of the excess. If the target is longer than the image, d is
    /// negative, and Python counts negative indices from the end: only the last pixels remain.
    private static func middle(of count: Int, _ target: Int) -> Range<Int> {
        let excess = (count - target) / 2
        return excess >= 0 ? excess..<count - excess : max(0, count + excess)..<count
    }
}
