import ComputeGraph
import Tensors

/// The rectified linear unit with bounds: `x` above `threshold`, but at most `maxValue`; `negativeSlope * (x - threshold)`
/// below. Keras's layer `ReLU`.
///
/// Takes any shape and keeps it. No weights. The slope at the threshold is 0, but ``negativeSlope`` if there is neither a
/// threshold nor a largest value; from ``maxValue`` on it is 0. `Activation(.relu)` is the same with the default settings.
public struct ReLU: Layer {
    /// The class's name in Keras's files.
    public static let className = "ReLU"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// The largest output; `nil` for no limit.
    public let maxValue: Double?
    /// The slope below the threshold, 0 or more.
    public let negativeSlope: Double
    /// Where the output begins to be the input, 0 or more.
    public let threshold: Double

    /// - Parameters:
    ///   - maxValue: the largest output, 0 or more; `nil` for no limit.
    ///   - negativeSlope: the slope below the threshold, 0 or more.
    ///   - threshold: where the output begins to be the input, 0 or more.
    ///   - name: unique within the model; by default `re_lu`, `re_lu_1`, ...
    public init(maxValue: Double? = nil, negativeSlope: Double = 0, threshold: Double = 0, name: String? = nil) {
        self.maxValue = maxValue
        self.negativeSlope = negativeSlope
        self.threshold = threshold
        self.name = name
    }

    var function: ActivationFunction {
        maxValue == nil && negativeSlope == 0 && threshold == 0
            ? .relu
            : .rectifier(
                maxValue: maxValue.map(Float.init), negativeSlope: Float(negativeSlope), threshold: Float(threshold))
    }

    /// One activation.
    public func operations(for inputs: [Shape]) -> [Operation] { [.activation(function)] }
    /// Keras's `get_config`.
    public var config: [String: JSON] {
        [
            "max_value": maxValue.map(JSON.number) ?? .null, "negative_slope": .number(negativeSlope),
            "threshold": .number(threshold),
        ]
    }

    /// - Throws: ``LayerError`` for a setting that is negative.
    public init(config: LayerConfig) throws {
        self.init(
            maxValue: try config.optionalNumber("max_value", in: LayerConfig.positiveSingles),
            negativeSlope: try config.number("negative_slope", default: 0, in: LayerConfig.positiveSingles),
            threshold: try config.number("threshold", default: 0, in: LayerConfig.positiveSingles), name: config.name)
    }
}

/// The rectified linear unit that falls below zero with `negativeSlope`, which is also its slope at 0. Keras's
/// `LeakyReLU`.
///
/// Takes any shape and keeps it. No weights.
public struct LeakyReLU: Layer {
    /// The class's name in Keras's files.
    public static let className = "LeakyReLU"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// The slope below zero, 0 or more.
    public let negativeSlope: Double

    /// - Parameters:
    ///   - negativeSlope: the slope below zero, 0 or more.
    ///   - name: unique within the model; by default `leaky_re_lu`, `leaky_re_lu_1`, ...
    public init(negativeSlope: Double = 0.3, name: String? = nil) {
        self.negativeSlope = negativeSlope
        self.name = name
    }

    var function: ActivationFunction { .leakyReLU(negativeSlope: Float(negativeSlope)) }

    /// One activation.
    public func operations(for inputs: [Shape]) -> [Operation] { [.activation(function)] }
    /// The slope under Keras 2's name, `alpha`, which Keras 3 reads too.
    public var config: [String: JSON] { ["alpha": .number(negativeSlope)] }

    /// - Throws: ``LayerError`` for a slope that is negative.
    public init(config: LayerConfig) throws {
        // Keras 3's name.
        let alpha = try config.number("alpha", default: 0.3, in: LayerConfig.positiveSingles)
        let slope = try config.number("negative_slope", default: alpha, in: LayerConfig.positiveSingles)
        self.init(negativeSlope: slope, name: config.name)
    }
}

/// The rectified linear unit whose slopes below zero are learned (He et al., 2015): `x` above zero, `alpha * x` below.
/// Keras's `PReLU`.
///
/// Takes any shape and keeps it. Weight: alpha, of the input's shape, but 1 along the axes that share an alpha.
public struct PReLU: Layer {
    /// The class's name in Keras's files.
    public static let className = "PReLU"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity: LayerIdentity
    /// Initial values of alpha.
    public let alphaInitializer: Initializer
    /// The penalty on alpha, if there is one.
    public let alphaRegularizer: Regularizer?
    /// The axes along which elements share an alpha, counted with the batch: 1 and 2 for the pixels of an image.
    public let sharedAxes: [Int]

    /// - Parameters:
    ///   - alphaInitializer: initial values of alpha.
    ///   - alphaRegularizer: a penalty on alpha, part of the loss.
    ///   - sharedAxes: axes along which elements share an alpha, counted with the batch, so that the first one is 1.
    ///   - isTrainable: `false` freezes alpha.
    ///   - name: unique within the model; by default `p_re_lu`, `p_re_lu_1`, ...
    public init(
        alphaInitializer: Initializer = .zeros, alphaRegularizer: Regularizer? = nil, sharedAxes: [Int] = [],
        isTrainable: Bool = true, name: String? = nil
    ) {
        self.alphaInitializer = alphaInitializer
        self.alphaRegularizer = alphaRegularizer
        self.sharedAxes = sharedAxes
        identity = LayerIdentity(isTrainable: isTrainable)
        self.name = name
    }

    /// alpha.
    public var weights: [WeightDescription] {
        [WeightDescription(name: "alpha", initializer: alphaInitializer, regularizer: alphaRegularizer)]
    }

    /// One operation.
    ///
    /// - Throws: ``LayerError`` if a shared axis is not one of the input's.
    public func operations(for inputs: [Shape]) throws -> [Operation] {
        var alpha = inputs.first ?? []
        for axis in sharedAxes {
            guard axis >= 1, axis <= alpha.rank else {
                throw LayerError(
                    "\(label): an input \(alpha) has no axis \(axis), counted from 1, to share an alpha along")
            }
            alpha[axis - 1] = 1
        }
        return [.prelu(alpha: alpha)]
    }

    /// Keras's `get_config`.
    public var config: [String: JSON] {
        [
            "alpha_initializer": alphaInitializer.kerasConfig, "alpha_regularizer": alphaRegularizer.kerasConfig,
            "alpha_constraint": .null, "shared_axes": sharedAxes.isEmpty ? .null : JSON(sharedAxes),
        ]
    }

    /// - Throws: ``LayerError`` for a constraint, or axes that are not whole numbers.
    public init(config: LayerConfig) throws {
        try config.requireNone(["alpha_constraint"])
        self.init(
            alphaInitializer: try config.initializer("alpha_initializer", default: .zeros),
            alphaRegularizer: try config.regularizer("alpha_regularizer"),
            sharedAxes: try config.integers("shared_axes", default: []), name: config.name)
    }
}
