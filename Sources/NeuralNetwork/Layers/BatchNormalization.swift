import ComputeGraph
import Tensors

/// Normalizes every channel to mean 0 and variance 1, then scales it by gamma and shifts it by beta (Ioffe and Szegedy,
/// 2015).
///
/// Training uses the batch's own mean and (biased) variance and moves the moving averages towards them:
/// `moving = moving * momentum + batch * (1 - momentum)`. Inference uses the moving averages, and so does training if
/// ``isTrainable`` is false, as in Keras.
///
/// Takes any shape, channels last, and keeps it. Weights, each `[channels]`: gamma, beta, moving_mean, moving_variance.
public struct BatchNormalization: Layer {
    /// The class's name in Keras's files.
    public static let className = "BatchNormalization"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// How much of the moving averages a step keeps, from 0 to 1.
    public let momentum: Double
    /// Added to the variance before the root is taken; 0 or more.
    public let epsilon: Double
    /// Whether training moves gamma, beta and the moving averages.
    public let isTrainable: Bool
    /// The axis as the file gives it, counted with the batch. Only the last one, the channels, can be normalized.
    private let axis: Int

    /// The defaults are Keras's.
    ///
    /// - Parameters:
    ///   - momentum: how much of the moving averages a step keeps, from 0 to 1.
    ///   - epsilon: added to the variance; 0 or more.
    ///   - isTrainable: `false` freezes the layer, which then runs in inference mode.
    ///   - name: unique within the model; by default `batch_normalization`, `batch_normalization_1`, ...
    public init(momentum: Double = 0.99, epsilon: Double = 1e-3, isTrainable: Bool = true, name: String? = nil) {
        self.momentum = momentum
        self.epsilon = epsilon
        self.isTrainable = isTrainable
        self.name = name
        axis = -1
    }

    /// The shape of the one input.
    ///
    /// - Throws: ``LayerError`` if a setting is out of its range or the axis is not the last one.
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

    /// gamma, beta, moving_mean and moving_variance, each `[channels]`; the last two are not trainable.
    public func weights(for inputs: [Shape]) -> [WeightDescription] {
        let channels: Shape = [inputs[0].dimensions.last ?? 1]
        return [
            WeightDescription(name: "gamma", shape: channels, initializer: .ones, isTrainable: isTrainable),
            WeightDescription(name: "beta", shape: channels, initializer: .zeros, isTrainable: isTrainable),
            WeightDescription(name: "moving_mean", shape: channels, initializer: .zeros, isTrainable: false),
            WeightDescription(name: "moving_variance", shape: channels, initializer: .ones, isTrainable: false),
        ]
    }

    /// One normalization, frozen if ``isTrainable`` is false.
    public func operations(for inputs: [Shape]) -> [Operation] {
        [.batchNormalization(epsilon: Float(epsilon), momentum: Float(momentum), isFrozen: !isTrainable)]
    }

    /// Keras's `get_config`, with `center` and `scale` always true.
    public var config: [String: JSON] {
        // Keras 2 reads the axis as a number or as a list of one, Keras 3 as a number only.
        [
            "axis": -1, "momentum": .number(momentum), "epsilon": .number(epsilon), "center": true, "scale": true,
            "trainable": .bool(isTrainable),
        ]
    }

    /// - Throws: ``LayerError`` for `center=False`, `scale=False`, `synchronized=True`, or a setting out of its range.
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
