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
    /// The axis as the file gives it, counted with the batch. Only the last one is supported.
    private let axis: Int

    /// - Parameter name: unique within the model; by default `concatenate`, `concatenate_1`, ...
    public init(name: String? = nil) {
        self.name = name
        axis = -1
    }

    /// The first input's shape with the sum of all channels.
    ///
    /// - Throws: ``LayerError`` if there are no inputs, they differ before the last axis, or a file asks for another
    ///   axis.
    public func outputShape(for inputs: [Shape]) throws -> Shape {
        guard var shape = inputs.first, shape.rank > 0 else { throw LayerError("\(label) needs inputs") }
        guard axis == -1 || axis == shape.rank else {
            throw LayerError("\(label): axis \(axis) of an input \(shape) is not the last one, the channels")
        }
        let last = shape.rank - 1
        guard inputs.allSatisfy({ $0.rank == shape.rank && $0.dimensions[..<last] == shape.dimensions[..<last] }) else {
            throw LayerError(
                "\(label): \(inputs.map(\.description).joined(separator: ", ")) differ before the channels")
        }
        shape[last] = inputs.reduce(0) { $0 + $1[last] }
        return shape
    }
    /// One concatenation.
    public func operations(for inputs: [Shape]) -> [Operation] { [.concatenate] }
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

    /// - Parameter name: unique within the model; by default `add`, `add_1`, ...
    public init(name: String? = nil) { self.name = name }

    /// The shape that all inputs have.
    ///
    /// - Throws: ``LayerError`` if there are no inputs, or their shapes differ.
    public func outputShape(for inputs: [Shape]) throws -> Shape {
        guard let shape = inputs.first else { throw LayerError("\(label) needs inputs") }
        guard inputs.allSatisfy({ $0 == shape }) else {
            throw LayerError("\(label): \(inputs.map(\.description).joined(separator: ", ")) are different shapes")
        }
        return shape
    }
    /// One sum.
    public func operations(for inputs: [Shape]) -> [Operation] { [.add] }
    /// Nothing beyond what all layers share.
    public var config: [String: JSON] { [:] }

    /// Takes the name; there are no settings.
    public init(config: LayerConfig) throws { self.init(name: config.name) }
}
