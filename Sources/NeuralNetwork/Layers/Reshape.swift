import ComputeGraph
import Tensors

/// The same elements in row-major order, as another shape. Keras's `Reshape`.
///
/// Takes any shape, returns the target shape. No weights.
public struct Reshape: Layer {
    /// The class's name in Keras's files.
    public static let className = "Reshape"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// The shape of a sample; one dimension may be -1, for as many as there are.
    public let targetShape: [Int]

    /// - Parameters:
    ///   - targetShape: the shape of a sample; one dimension may be -1, for as many as there are.
    ///   - name: unique within the model; by default `reshape`, `reshape_1`, ...
    public init(_ targetShape: [Int], name: String? = nil) {
        self.targetShape = targetShape
        self.name = name
    }

    /// One operation.
    ///
    /// - Throws: ``LayerError`` if the input does not have the elements of such a shape.
    public func operations(for inputs: [Shape]) throws -> [Operation] {
        let known = Shape(targetShape.filter { $0 != -1 })
        guard known.dimensions.allSatisfy({ $0 > 0 }), known.isCountable, targetShape.count - known.rank <= 1 else {
            throw LayerError("\(label): \(targetShape) is not a shape with at most one unknown dimension")
        }
        let rest = (inputs.first?.count ?? 0) / known.count
        return [.reshape(Shape(targetShape.map { $0 == -1 ? rest : $0 }))]
    }
    /// Keras's `target_shape`.
    public var config: [String: JSON] { ["target_shape": JSON(targetShape)] }

    /// - Throws: ``LayerError`` if the shape is not a list of whole numbers.
    public init(config: LayerConfig) throws {
        self.init(try config.integers("target_shape"), name: config.name)
    }
}
