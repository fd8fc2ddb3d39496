import Imaging
import Tensors

/// Makes an image the array that networks take: 32-bit floats `[height, width, channels]`, in the image's own unit.
///
/// A tensor is one already; the step is there so that a chain reads as the book's does.
public struct ImageToArrayPreprocessor: FixedPreprocessor {
    public init() {}

    public func preprocess(_ image: Tensor) throws -> Tensor {
        try checkImage(image.shape)
        return image
    }

    /// `[height, width, 3]`, 0 to 255.
    public func preprocess(_ image: Image) -> Tensor { Tensor(image) }
}
