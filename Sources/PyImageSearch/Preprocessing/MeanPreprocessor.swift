import Tensors

/// Subtracts the training set's mean from each channel. The book's `MeanPreprocessor`, with red first.
public struct MeanPreprocessor: FixedPreprocessor {
    /// Mean of the red channel.
    public let red: Float
    /// Mean of the green channel.
    public let green: Float
    /// Mean of the blue channel.
    public let blue: Float
    private let means: ChannelMeans

    /// The means have the images' own unit: 0 to 255 for bytes.
    ///
    /// - Parameters:
    ///   - red: mean of the red channel.
    ///   - green: mean of the green channel.
    ///   - blue: mean of the blue channel.
    public init(red: Double, green: Double, blue: Double) {
        self.init(ChannelMeans(red: red, green: green, blue: blue))
    }

    init(_ means: ChannelMeans) {
        self.means = means
        (red, green, blue) = (Float(means.red), Float(means.green), Float(means.blue))
    }

    /// Checks that the means are those of the training set that `file` belongs to.
    ///
    /// - Throws: `ClassMismatchError`.
    func check(belongsTo file: String, of names: [String]?) throws { try means.check(belongsTo: file, of: names) }

    /// `[height, width, 3]` to the same shape.
    ///
    /// - Throws: ``PreprocessingError`` if this is not an image of three channels.
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
