import Imaging
import Tensors

/// Resizes to a fixed size, whatever that does to the aspect ratio.
public struct SimplePreprocessor: FixedPreprocessor {
    public let width: Int
    public let height: Int
    public let interpolation: Interpolation

    public init(width: Int, height: Int, interpolation: Interpolation = .area) {
        requireSize(width, height)
        self.width = width
        self.height = height
        self.interpolation = interpolation
    }

    /// An image that fits already is handed back as it is.
    public func preprocess<Picture: Pixels>(_ image: Picture) throws -> Picture {
        try checkImage(image.shape)
        return image.resized(width: width, height: height, interpolation: interpolation)
    }
}
