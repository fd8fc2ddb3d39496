import ComputeGraph
import Tensors

/// The entry of samples into a model. ``Input(shape:name:)`` makes one.
public struct InputLayer: Layer {
    /// The class's name in Keras's files.
    public static let className = "InputLayer"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// Shape of one sample: (height, width, channels), (steps, channels) or (features).
    public let shape: Shape

    /// - Parameters:
    ///   - shape: of one sample, without the batch axis; one to three axes.
    ///   - name: unique within the model; by default `input_layer`, `input_layer_1`, ...
    public init(shape: Shape, name: String? = nil) {
        self.shape = shape
        self.name = name
    }

    /// One input.
    ///
    /// - Throws: ``LayerError`` if it is given inputs, or its shape is not that of an image, of steps or of features.
    public func operations(for inputs: [Shape]) throws -> [Operation] {
        guard inputs.isEmpty else { throw LayerError("\(label) begins a network: it takes no input") }
        guard (1...3).contains(shape.rank), shape.dimensions.allSatisfy({ $0 > 0 }) else {
            throw LayerError(
                "\(label): an input of shape \(shape) is not (height, width, channels), (steps, channels) or (features)"
            )
        }
        return [.input(shape)]
    }

    /// Keras's `batch_input_shape`, with the batch left open.
    public var config: [String: JSON] {
        ["batch_input_shape": .array([.null] + shape.dimensions.map { JSON($0) }), "sparse": false]
    }

    /// - Throws: ``LayerError`` if the configuration has no shape, or leaves another axis than the batch open.
    public init(config: LayerConfig) throws {
        for key in ["sparse", "ragged", "optional"] {
            try config.require(key, isOneOf: [false], meaning: "\(key)=True")
        }
        guard let shape = (config.entries["batch_input_shape"] ?? config.entries["batch_shape"])?.array, shape.count > 1
        else { throw config.error("has no batch_input_shape or batch_shape") }
        let dimensions = shape.dropFirst().compactMap(\.integer)
        guard dimensions.count == shape.count - 1, dimensions.allSatisfy({ (1...1 << 20).contains($0) }) else {
            throw config.error("only the batch axis may be left open")
        }
        self.init(shape: Shape(dimensions), name: config.name)
    }
}
