import ComputeGraph
import Tensors

/// Puts tensors side by side along the last axis, the channels. All other dimensions must agree.
public struct Concatenate: Layer {
    public static let className = "Concatenate"
    public let name: String?
    /// As a file gives it, counted with the batch; only the last axis can be.
    private let axis: Int

    public init(name: String? = nil) {
        self.name = name
        axis = -1
    }

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
    public var operations: [Operation] { [.concatenate] }
    public var config: [String: JSON] { ["axis": -1] }

    public init(config: LayerConfig) throws {
        name = config.name
        axis = try config.axis()
    }
}

/// The sum of tensors of one shape, element by element.
public struct Add: Layer {
    public static let className = "Add"
    public let name: String?

    public init(name: String? = nil) { self.name = name }

    public func outputShape(for inputs: [Shape]) throws -> Shape {
        guard let shape = inputs.first else { throw LayerError("\(label) needs inputs") }
        guard inputs.allSatisfy({ $0 == shape }) else {
            throw LayerError("\(label): \(inputs.map(\.description).joined(separator: ", ")) are not of one shape")
        }
        return shape
    }
    public var operations: [Operation] { [.add] }
    public var config: [String: JSON] { [:] }

    public init(config: LayerConfig) throws { self.init(name: config.name) }
}
