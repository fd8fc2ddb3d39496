import ComputeGraph
import Tensors

/// Zeroes a random fraction of the elements in training and scales the others by `1 / (1 - rate)`; does nothing in
/// inference (Srivastava et al., 2014).
///
/// Takes any shape and keeps it. No weights. The random numbers follow from ``Model/seed``, epoch and step.
public struct Dropout: Layer {
    /// The class's name in Keras's files.
    public static let className = "Dropout"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// The fraction of elements that training zeroes, from 0 up to but not including 1.
    public let rate: Double

    /// - Parameters:
    ///   - rate: the fraction of elements that training zeroes, from 0 up to but not including 1.
    ///   - name: unique within the model; by default `dropout`, `dropout_1`, ...
    public init(_ rate: Double, name: String? = nil) {
        self.rate = rate
        self.name = name
    }

    /// One dropout.
    public func operations(for inputs: [Shape]) -> [Operation] { [.dropout(rate: Float(rate))] }
    /// Keras's `rate`.
    public var config: [String: JSON] { ["rate": .number(rate)] }

    /// - Throws: ``LayerError`` for a `noise_shape`, or a rate that is not a number from 0 to 1.
    public init(config: LayerConfig) throws {
        try config.require("noise_shape", isOneOf: [], meaning: "noise_shape")
        self.init(try config.number("rate", default: 0.5, in: 0...1), name: config.name)
    }
}
