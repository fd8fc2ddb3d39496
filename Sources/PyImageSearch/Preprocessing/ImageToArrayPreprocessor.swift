import Imaging
import Tensors

/// Makes an image the array that networks take: 32-bit floats `[height, width, channels]`, in the image's own unit. The
/// book's `ImageToArrayPreprocessor`.
///
/// A tensor is such an array already. The step exists so that a chain of steps reads as in the book.
public struct ImageToArrayPreprocessor: FixedPreprocessor {
    /// There are no settings: channels are always last.
    public init() {}

    /// The image itself.
    ///
    /// - Throws: ``PreprocessingError`` if this is not an image.
    public func preprocess(_ image: Tensor) throws -> Tensor {
        try checkImage(image.shape)
        return image
    }

    /// `[height, width, 3]`, 0 to 255.
    public func preprocess(_ image: Image) -> Tensor { Tensor(image) }
}
