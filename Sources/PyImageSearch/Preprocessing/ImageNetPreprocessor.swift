import Tensors

/// Makes an image what networks with weights from Caffe take: blue first, and ImageNet's mean of each channel subtracted.
/// Keras's `preprocess_input` of mode `caffe`.
///
/// The published weights of ``VGG16``, ``VGG19``, ``ResNet50`` and ``SqueezeNet`` take such images
/// (``PublishedWeights``). It comes after resizing and cropping.
public struct ImageNetPreprocessor: FixedPreprocessor {
    /// ImageNet's mean of the red channel, of 255.
    public static let red: Float = 123.68
    /// ImageNet's mean of the green channel, of 255.
    public static let green: Float = 116.779
    /// ImageNet's mean of the blue channel, of 255.
    public static let blue: Float = 103.939

    /// There are no settings.
    public init() {}

    /// `[height, width, 3]` with red first, 0 to 255, to the same shape with blue first, -123.68 to 151.061.
    ///
    /// - Throws: ``PreprocessingError`` if this is not an image of three channels.
    public func preprocess(_ image: Tensor) throws -> Tensor {
        try checkImage(image.shape)
        guard image.shape[2] == 3 else { throw PreprocessingError.differentChannels(expected: 3, image.shape) }
        let scalars = [Float](unsafeUninitializedCapacity: image.count) { result, count in
            image.scalars.withUnsafeBufferPointer { source in
                for start in stride(from: 0, to: source.count, by: 3) {
                    result[start] = source[start + 2] - Self.blue
                    result[start + 1] = source[start + 1] - Self.green
                    result[start + 2] = source[start] - Self.red
                }
            }
            count = image.count
        }
        return Tensor(shape: image.shape, scalars: scalars)
    }
}
