import ComputeGraph
import Tensors

/// Normalizes every channel to mean 0 and variance 1, then scales it by gamma and shifts it by beta (Ioffe and Szegedy,
/// 2015).
///
/// Training uses the batch's own mean and (biased) variance and moves the moving averages towards them:
/// `moving = moving * momentum + batch * (1 - momentum)`. Inference uses the moving averages, and so does training if
/// the layer is frozen, as in Keras.
///
/// Takes any shape, channels last, and keeps it. Weights, each `[channels]`: gamma, beta, moving_mean, moving_variance.
public struct BatchNormalization: Layer {
    /// The class's name in Keras's files.
    public static let className = "BatchNormalization"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity: LayerIdentity
    /// How much of the moving averages a step keeps, from 0 to 1.
    public let momentum: Double
    /// Added to the variance before the root is taken; 0 or more.
    public let epsilon: Double
    /// Whether channels are shifted by a beta, and whether they are scaled by a gamma.
    public let center, scale: Bool
    /// Initial values of the weights.
    public let betaInitializer, gammaInitializer, movingMeanInitializer, movingVarianceInitializer: Initializer
    /// The penalties on beta and gamma; `nil` for none.
    public let betaRegularizer, gammaRegularizer: Regularizer?
    /// The axis as the file gives it, counted with the batch. Only the last one, the channels, can be normalized.
    private let axis: Int

    /// The defaults are Keras's.
    ///
    /// - Parameters:
    ///   - momentum: how much of the moving averages a step keeps, from 0 to 1.
    ///   - epsilon: added to the variance; 0 or more.
    ///   - center: whether channels are shifted by a beta.
    ///   - scale: whether channels are scaled by a gamma.
    ///   - betaInitializer: initial values of beta.
    ///   - gammaInitializer: initial values of gamma.
    ///   - movingMeanInitializer: initial values of the moving mean.
    ///   - movingVarianceInitializer: initial values of the moving variance.
    ///   - betaRegularizer: a penalty on beta, part of the loss.
    ///   - gammaRegularizer: a penalty on gamma, part of the loss.
    ///   - isTrainable: `false` freezes the layer, which then runs in inference mode.
    ///   - name: unique within the model; by default `batch_normalization`, `batch_normalization_1`, ...
    public init(
        momentum: Double = 0.99, epsilon: Double = 1e-3, center: Bool = true, scale: Bool = true,
        betaInitializer: Initializer = .zeros, gammaInitializer: Initializer = .ones,
        movingMeanInitializer: Initializer = .zeros, movingVarianceInitializer: Initializer = .ones,
        betaRegularizer: Regularizer? = nil, gammaRegularizer: Regularizer? = nil, isTrainable: Bool = true,
        name: String? = nil
    ) {
        self.momentum = momentum
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.betaInitializer = betaInitializer
        self.gammaInitializer = gammaInitializer
        self.movingMeanInitializer = movingMeanInitializer
        self.movingVarianceInitializer = movingVarianceInitializer
        self.betaRegularizer = betaRegularizer
        self.gammaRegularizer = gammaRegularizer
        identity = LayerIdentity(isTrainable: isTrainable)
        self.name = name
        axis = -1
    }

    /// gamma and beta, if there are, then moving_mean and moving_variance, each `[channels]`; the last two are not
    /// trainable.
    public var weights: [WeightDescription] {
        let gamma = WeightDescription(name: "gamma", initializer: gammaInitializer, regularizer: gammaRegularizer)
        let beta = WeightDescription(name: "beta", initializer: betaInitializer, regularizer: betaRegularizer)
        return (scale ? [gamma] : []) + (center ? [beta] : []) + [
            WeightDescription(name: "moving_mean", initializer: movingMeanInitializer, isTrainable: false),
            WeightDescription(name: "moving_variance", initializer: movingVarianceInitializer, isTrainable: false),
        ]
    }

    /// One normalization.
    ///
    /// - Throws: ``LayerError`` if the axis is not the last one.
    public func operations(for inputs: [Shape]) throws -> [Operation] {
        if let shape = inputs.first { try checkLastAxis(axis, of: shape, label) }
        return [
            .batchNormalization(
                NormalizationSettings(
                    epsilon: Float(epsilon), momentum: Float(momentum), scale: scale, center: center))
        ]
    }

    /// Keras's `get_config`.
    public var config: [String: JSON] {
        // Keras 2 reads the axis as a number or as a list of one, Keras 3 as a number only.
        [
            "axis": -1, "momentum": .number(momentum), "epsilon": .number(epsilon), "center": .bool(center),
            "scale": .bool(scale), "beta_initializer": betaInitializer.kerasConfig,
            "gamma_initializer": gammaInitializer.kerasConfig,
            "moving_mean_initializer": movingMeanInitializer.kerasConfig,
            "moving_variance_initializer": movingVarianceInitializer.kerasConfig,
            "beta_regularizer": betaRegularizer.kerasConfig, "gamma_regularizer": gammaRegularizer.kerasConfig,
        ]
    }

    /// - Throws: ``LayerError`` for `synchronized=True`, `renorm=True`, constraints, or a setting out of its range.
    public init(config: LayerConfig) throws {
        try config.require("synchronized", isOneOf: [false], meaning: "synchronized=True")
        try config.require("renorm", isOneOf: [false], meaning: "renorm=True")
        try config.require("renorm_momentum", isOneOf: [0.99], meaning: "a setting of renorm")
        try config.requireNone(["renorm_clipping", "beta_constraint", "gamma_constraint"])
        axis = try config.axis()
        momentum = try config.number("momentum", default: 0.99, in: 0...1)
        epsilon = try config.number("epsilon", default: 1e-3, in: LayerConfig.positiveSingles)
        center = try config.flag("center", default: true)
        scale = try config.flag("scale", default: true)
        betaInitializer = try config.initializer("beta_initializer", default: .zeros)
        gammaInitializer = try config.initializer("gamma_initializer", default: .ones)
        movingMeanInitializer = try config.initializer("moving_mean_initializer", default: .zeros)
        movingVarianceInitializer = try config.initializer("moving_variance_initializer", default: .ones)
        betaRegularizer = try config.regularizer("beta_regularizer")
        gammaRegularizer = try config.regularizer("gamma_regularizer")
        identity = LayerIdentity()
        name = config.name
    }
}
