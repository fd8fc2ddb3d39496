import ComputeGraph
import Tensors

/// Applies a function to every element; softmax works along the last axis.
public struct Activation: Layer {
    public static let className = "Activation"
    public let name: String?
    public let function: ActivationFunction

    public init(_ function: ActivationFunction, name: String? = nil) {
        self.function = function
        self.name = name
    }

    public func outputShape(for inputs: [Shape]) throws -> Shape { try inputs.single(label) }
    public var operations: [Operation] { [.activation(function)] }
    public var config: [String: JSON] { ["activation": .string(function.kerasName)] }

    public init(config: LayerConfig) throws { self.init(try config.activation(), name: config.name) }
}
