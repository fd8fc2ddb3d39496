import Imaging
import Tensors

/// Cuts a rectangle of a fixed size out of the middle; an odd pixel more is left at the lower and the right side.
public struct CenterCropPreprocessor: FixedPreprocessor {
    public let width: Int
    public let height: Int

    public init(width: Int, height: Int) {
        requireSize(width, height)
        self.width = width
        self.height = height
    }

    public func preprocess<Picture: Pixels>(_ image: Picture) throws -> Picture {
        try checkImage(image.shape)
        guard image.shape[0] >= height, image.shape[1] >= width else {
            throw PreprocessingError.tooSmall(width: width, height: height, image.shape)
        }
        let (top, left) = ((image.shape[0] - height) / 2, (image.shape[1] - width) / 2)
        return image.cropped(rows: top..<top + height, columns: left..<left + width)
    }
}
