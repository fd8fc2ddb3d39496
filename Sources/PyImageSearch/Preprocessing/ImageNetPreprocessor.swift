import Imaging
import Tensors

/// Makes an image what networks with weights from Caffe take: blue first, and ImageNet's mean of each channel subtracted.
/// Keras's `preprocess_input` of mode `caffe`.
///
/// The published weights of ``VGG16``, ``VGG19``, ``ResNet50`` and ``SqueezeNet`` take such images
/// (``PublishedWeights``). It comes after resizing and cropping.
public struct ImageNetPreprocessor: FixedPreprocessor {
    /// ImageNet's mean of each channel, of 255.
    public static let means = MeanPreprocessor(red: 123.68, green: 116.779, blue: 103.939)

    /// The same for images in memory.
    static let conversion = ByteConversion.reversed(
        means: [means.blue, means.green, means.red].map { Float($0) }, divisor: 1)

    /// There are no settings.
    public init() {}

    /// `[height, width, 3]` with red first, 0 to 255, to the same shape with blue first, -123.68 to 151.061.
    ///
    /// - Throws: ``PreprocessingError`` if this is not an image of three channels.
    public func preprocess(_ image: Tensor) throws -> Tensor {
        var result = try Self.means.preprocess(image)
        for red in stride(from: 0, to: result.count, by: 3) { result.scalars.swapAt(red, red + 2) }
        return result
    }
}
