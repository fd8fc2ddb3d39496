import ComputeGraph
import Tensors

/// `exp(x) / sum(exp(x))` along the last axis. Keras's layer `Softmax` with `axis=-1`, the only axis that is supported.
///
/// Takes any shape and keeps it. No weights. `Activation(.softmax)` is the same.
public struct Softmax: Layer {
    /// The class's name in Keras's files.
    public static let className = "Softmax"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// The axis as the file gives it, counted with the batch. Only the last one is supported.
    private let axis: Int

    /// - Parameter name: unique within the model; by default `softmax`, `softmax_1`, ...
    public init(name: String? = nil) {
        self.name = name
        axis = -1
    }

    /// One activation.
    ///
    /// - Throws: ``LayerError`` if a file asks for another axis.
    public func operations(for inputs: [Shape]) throws -> [Operation] {
        if let shape = inputs.first { try checkLastAxis(axis, of: shape, label) }
        return [.activation(.softmax)]
    }
    /// Keras's `axis`, always -1.
    public var config: [String: JSON] { ["axis": -1] }

    /// - Throws: ``LayerError`` if the axis is not one whole number, or for `robust_masking=True`.
    public init(config: LayerConfig) throws {
        try config.require("robust_masking", isOneOf: [false], meaning: "robust_masking=True")
        name = config.name
        axis = try config.axis()
    }
}
