import Tensors

/// Subtracts the training set's mean from each channel.
public struct MeanPreprocessor: FixedPreprocessor {
    public let red: Float
    public let green: Float
    public let blue: Float

    /// - Parameters: means of the channels, in the images' own unit (0 to 255 for bytes).
    public init(red: Double, green: Double, blue: Double) {
        (self.red, self.green, self.blue) = (Float(red), Float(green), Float(blue))
    }

    public func preprocess(_ image: Tensor) throws -> Tensor {
        try checkImage(image.shape)
        guard image.shape[2] == 3 else { throw PreprocessingError.differentChannels(expected: 3, image.shape) }
        let scalars = [Float](unsafeUninitializedCapacity: image.count) { result, count in
            image.scalars.withUnsafeBufferPointer { source in
                for start in stride(from: 0, to: source.count, by: 3) {
                    result[start] = source[start] - red
                    result[start + 1] = source[start + 1] - green
                    result[start + 2] = source[start + 2] - blue
                }
            }
            count = image.count
        }
        return Tensor(shape: image.shape, scalars: scalars)
    }
}
