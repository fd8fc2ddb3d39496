import ComputeGraph
import Tensors

/// Applies an activation function to every element. Softmax works along the last axis.
///
/// Takes any shape and keeps it. No weights. Keras's `Activation`.
public struct Activation: Layer {
    /// The class's name in Keras's files.
    public static let className = "Activation"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// The function that is applied.
    public let function: ActivationFunction

    /// - Parameters:
    ///   - function: `.relu`, `.softmax` and so on. A layer such as ``Dense`` also takes it as its `activation`.
    ///   - name: unique within the model; by default `activation`, `activation_1`, ...
    public init(_ function: ActivationFunction, name: String? = nil) {
        self.function = function
        self.name = name
    }

    /// One operation, the function itself.
    public func operations(for inputs: [Shape]) -> [Operation] { [.activation(function)] }
    /// Keras's name of the function, or the layer that has its settings.
    public var config: [String: JSON] { ["activation": function.kerasConfig] }

    /// - Throws: ``LayerError`` for a function that is not known here.
    public init(config: LayerConfig) throws { self.init(try config.activation(), name: config.name) }
}
