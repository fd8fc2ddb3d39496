import NeuralNetwork

/// What a network without its top ends in, if it is to end in one number for each channel: Keras's `pooling`.
public enum GlobalPooling: String, Sendable, CaseIterable {
    /// The mean over all positions.
    case avg
    /// The maximum over all positions.
    case max

    /// `[height, width, channels]` to `[channels]`.
    func callAsFunction(_ x: KerasTensor, name: String? = nil) -> KerasTensor {
        switch self {
        case .avg: GlobalAveragePooling2D(name: name)(x)
        case .max: GlobalMaxPooling2D(name: name)(x)
        }
    }
}
