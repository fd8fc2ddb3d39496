import ComputeGraph
import Tensors

/// The exponential linear unit (Clevert et al., 2015): `x` above zero, `alpha * (exp(x) - 1)` elsewhere.
///
/// Takes any shape and keeps it. No weights. `Activation(.elu(alpha: 1))` is the same with an alpha of 1.
public struct ELU: Layer {
    /// The class's name in Keras's files.
    public static let className = "ELU"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// Minus the limit of the output for large negative inputs.
    public let alpha: Double

    /// - Parameters:
    ///   - alpha: minus the limit of the output for large negative inputs.
    ///   - name: unique within the model; by default `elu`, `elu_1`, ...
    public init(alpha: Double = 1, name: String? = nil) {
        self.alpha = alpha
        self.name = name
    }

    /// One activation.
    public func operations(for inputs: [Shape]) -> [Operation] { [.activation(.elu(alpha: Float(alpha)))] }
    /// Keras's `alpha`.
    public var config: [String: JSON] { ["alpha": .number(alpha)] }

    /// - Throws: ``LayerError`` if alpha is not a number that 32 bits hold.
    public init(config: LayerConfig) throws {
        self.init(alpha: try config.number("alpha", default: 1), name: config.name)
    }
}
