import ComputeGraph
import Tensors

/// Normalises every channel to mean 0 and variance 1, then scales by gamma and shifts by beta (Ioffe and Szegedy, 2015).
///
/// In training the batch's own mean and (biased) variance are used, and the moving ones follow them:
/// `moving = moving * momentum + batch * (1 - momentum)`. In inference, and where `isTrainable` is false, the moving
/// ones are used. Weights, each `[channels]`: gamma, beta, moving_mean, moving_variance.
public struct BatchNormalization: Layer {
    public static let className = "BatchNormalization"
    public let name: String?
    public let momentum: Double
    public let epsilon: Double
    public let isTrainable: Bool
    /// As a file gives it, counted with the batch; the last axis is the only one that can be normalised over.
    private let axis: Int

    public init(momentum: Double = 0.99, epsilon: Double = 1e-3, isTrainable: Bool = true, name: String? = nil) {
        self.momentum = momentum
        self.epsilon = epsilon
        self.isTrainable = isTrainable
        self.name = name
        axis = -1
    }

    public func outputShape(for inputs: [Shape]) throws -> Shape {
        let shape = try inputs.single(label)
        guard axis == -1 || axis == shape.rank else {
            throw LayerError("\(label): axis \(axis) of an input \(shape) is not the last one, the channels")
        }
        guard (0...1).contains(momentum), LayerConfig.positiveSingles.contains(epsilon) else {
            throw LayerError(
                "\(label): momentum \(momentum) is not from 0 to 1, or epsilon \(epsilon) is not 0 or more")
        }
        return shape
    }

    public func weights(for inputs: [Shape]) -> [WeightDescription] {
        let channels: Shape = [inputs[0].dimensions.last ?? 1]
        return [
            WeightDescription(name: "gamma", shape: channels, initializer: .ones, isTrainable: isTrainable),
            WeightDescription(name: "beta", shape: channels, initializer: .zeros, isTrainable: isTrainable),
            WeightDescription(name: "moving_mean", shape: channels, initializer: .zeros, isTrainable: false),
            WeightDescription(name: "moving_variance", shape: channels, initializer: .ones, isTrainable: false),
        ]
    }

    public var operations: [Operation] {
        [.batchNormalization(epsilon: Float(epsilon), momentum: Float(momentum), isFrozen: !isTrainable)]
    }

    public var config: [String: JSON] {
        // Keras 3 takes the axis as a number, Keras 2 as a list of one or a number.
        [
            "axis": -1, "momentum": .number(momentum), "epsilon": .number(epsilon), "center": true, "scale": true,
            "trainable": .bool(isTrainable),
        ]
    }

    public init(config: LayerConfig) throws {
        try config.require("center", isOneOf: [true], meaning: "center=False")
        try config.require("scale", isOneOf: [true], meaning: "scale=False")
        try config.require("synchronized", isOneOf: [false], meaning: "synchronized=True")
        axis = try config.axis()
        momentum = try config.number("momentum", default: 0.99, in: 0...1)
        epsilon = try config.number("epsilon", default: 1e-3, in: LayerConfig.positiveSingles)
        isTrainable = try config.isTrainable()
        name = config.name
    }
}
