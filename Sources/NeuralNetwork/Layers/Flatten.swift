import ComputeGraph
import Tensors

/// Makes a vector of each sample: (h, w, c) to (h * w * c), row by row, channels last. Keras's `Flatten`. No weights.
public struct Flatten: Layer {
    /// The class's name in Keras's files.
    public static let className = "Flatten"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()

    /// - Parameter name: unique within the model; by default `flatten`, `flatten_1`, ...
    public init(name: String? = nil) { self.name = name }

    /// One flattening.
    public func operations(for inputs: [Shape]) -> [Operation] { [.flatten] }
    /// Keras's `data_format`, always `channels_last`.
    public var config: [String: JSON] { ["data_format": "channels_last"] }

    /// - Throws: ``LayerError`` for `channels_first`.
    public init(config: LayerConfig) throws {
        try config.requireChannelsLast()
        self.init(name: config.name)
    }
}
