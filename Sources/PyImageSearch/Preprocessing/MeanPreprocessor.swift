import Tensors

/// Subtracts the training set's mean from each channel.
public struct MeanPreprocessor: FixedPreprocessor {
    public let red: Float
    public let green: Float
    public let blue: Float
    private let means: ChannelMeans

    /// - Parameters: means of the channels, in the images' own unit (0 to 255 for bytes).
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
