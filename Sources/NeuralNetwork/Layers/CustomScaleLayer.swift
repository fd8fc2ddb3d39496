import ComputeGraph
import Tensors

/// The sum of a tensor and a scaled one: `x + scale * up`, the end of a residual block (Szegedy et al., 2016). A custom
/// layer of Keras's own InceptionResNetV2.
///
/// Takes two tensors of one shape and keeps it. No weights.
public struct CustomScaleLayer: Layer {
    /// The class's name in Keras 3's files; Keras 2 writes `Custom>CustomScaleLayer`.
    public static let className = "CustomScaleLayer"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// The factor of the second tensor.
    public let scale: Double

    /// - Parameters:
    ///   - scale: the factor of the second tensor.
    ///   - name: unique within the model; by default `custom_scale_layer`, `custom_scale_layer_1`, ...
    public init(scale: Double, name: String? = nil) {
        self.scale = scale
        self.name = name
    }

    /// One sum.
    public func operations(for inputs: [Shape]) -> [Operation] { [.linearCombination(factors: [1, Float(scale)])] }
    /// Keras's `scale`.
    public var config: [String: JSON] { ["scale": .number(scale)] }

    /// - Throws: ``LayerError`` if the scale is not a number that 32 bits hold.
    public init(config: LayerConfig) throws {
        guard config.entries["scale"] != nil else { throw config.error("\"scale\" is missing") }
        self.init(scale: try config.number("scale", default: 1), name: config.name)
    }
}
