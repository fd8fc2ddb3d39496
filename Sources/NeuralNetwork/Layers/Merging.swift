import ComputeGraph
import Tensors

/// Concatenates tensors along the last axis, the channels: (h, w, a) and (h, w, b) to (h, w, a + b).
///
/// All other dimensions must agree. No weights. Keras's `Concatenate` with `axis=-1`, the only axis that is supported.
public struct Concatenate: Layer {
    /// The class's name in Keras's files.
    public static let className = "Concatenate"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// The axis as the file gives it, counted with the batch. Only the last one is supported.
    private let axis: Int

    /// - Parameter name: unique within the model; by default `concatenate`, `concatenate_1`, ...
    public init(name: String? = nil) {
        self.name = name
        axis = -1
    }

    /// One concatenation.
    ///
    /// - Throws: ``LayerError`` if a file asks for another axis.
    public func operations(for inputs: [Shape]) throws -> [Operation] {
        if let shape = inputs.first { try checkLastAxis(axis, of: shape, label) }
        return [.concatenate]
    }
    /// Keras's `axis`, always -1.
    public var config: [String: JSON] { ["axis": -1] }

    /// - Throws: ``LayerError`` if the axis is not one whole number.
    public init(config: LayerConfig) throws {
        name = config.name
        axis = try config.axis()
    }
}

/// Adds tensors of one shape, element by element. No weights. Keras's `Add`.
public struct Add: Layer {
    /// The class's name in Keras's files.
    public static let className = "Add"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()

    /// - Parameter name: unique within the model; by default `add`, `add_1`, ...
    public init(name: String? = nil) { self.name = name }

    /// One sum.
    public func operations(for inputs: [Shape]) -> [Operation] { [.add] }
    /// Nothing beyond what all layers share.
    public var config: [String: JSON] { [:] }

    /// Takes the name; there are no settings.
    public init(config: LayerConfig) throws { self.init(name: config.name) }
}
