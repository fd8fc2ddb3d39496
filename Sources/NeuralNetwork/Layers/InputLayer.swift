import ComputeGraph
import Tensors

/// Where samples enter a model. Made by ``Input(shape:name:)``.
public struct InputLayer: Layer {
    public static let className = "InputLayer"
    public let name: String?
    public let shape: Shape

    public init(shape: Shape, name: String? = nil) {
        self.shape = shape
        self.name = name
    }

    public func outputShape(for inputs: [Shape]) throws -> Shape {
        guard inputs.isEmpty else { throw LayerError("\(label) begins a network: it takes no input") }
        guard (1...3).contains(shape.rank), shape.dimensions.allSatisfy({ $0 > 0 }) else {
            throw LayerError(
                "\(label): an input of shape \(shape) is not (height, width, channels), (steps, channels) or (features)"
            )
        }
        return shape
    }
    public var operations: [Operation] { [.input] }

    public var config: [String: JSON] {
        ["batch_input_shape": .array([.null] + shape.dimensions.map { JSON($0) }), "sparse": false]
    }

    public init(config: LayerConfig) throws {
        guard let shape = (config.entries["batch_input_shape"] ?? config.entries["batch_shape"])?.array, shape.count > 1
        else { throw config.error("has no batch_input_shape or batch_shape") }
        let dimensions = shape.dropFirst().compactMap(\.integer)
        guard dimensions.count == shape.count - 1, dimensions.allSatisfy({ (1...1 << 20).contains($0) }) else {
            throw config.error("only the batch axis may be left open")
        }
        self.init(shape: Shape(dimensions), name: config.name)
    }
}
