import ComputeGraph
import Tensors

/// Connects every unit with every input, along the last axis: `y = x * kernel + bias`. Keras's `Dense`.
///
/// Takes (..., inputs), returns (..., units). Weights: kernel `[inputs, units]`, bias `[units]`.
public struct Dense: Layer {
    /// The class's name in Keras's files.
    public static let className = "Dense"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity: LayerIdentity
    /// Size of the output's last axis.
    public let units: Int
    /// Applied to the result; `.linear` for none.
    public let activation: ActivationFunction
    /// Whether each unit adds a bias.
    public let useBias: Bool
    /// Initial values of the kernel.
    public let kernelInitializer: Initializer
    /// Initial values of the bias.
    public let biasInitializer: Initializer
    /// The penalties on kernel, bias and output; `nil` for none.
    public let kernelRegularizer, biasRegularizer, activityRegularizer: Regularizer?

    /// The defaults are Keras's.
    ///
    /// - Parameters:
    ///   - units: size of the output's last axis, at least 1.
    ///   - activation: applied to the result.
    ///   - useBias: whether each unit adds a bias.
    ///   - kernelInitializer: initial values of the kernel.
    ///   - biasInitializer: initial values of the bias.
    ///   - kernelRegularizer: a penalty on the kernel, part of the loss.
    ///   - biasRegularizer: a penalty on the bias.
    ///   - activityRegularizer: a penalty on the output, divided by the number of samples.
    ///   - isTrainable: `false` freezes kernel and bias.
    ///   - name: unique within the model; by default `dense`, `dense_1`, ...
    public init(
        _ units: Int, activation: ActivationFunction = .linear, useBias: Bool = true,
        kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
        kernelRegularizer: Regularizer? = nil, biasRegularizer: Regularizer? = nil,
        activityRegularizer: Regularizer? = nil, isTrainable: Bool = true, name: String? = nil
    ) {
        self.units = units
        self.activation = activation
        self.useBias = useBias
        self.kernelInitializer = kernelInitializer
        self.biasInitializer = biasInitializer
        self.kernelRegularizer = kernelRegularizer
        self.biasRegularizer = biasRegularizer
        self.activityRegularizer = activityRegularizer
        identity = LayerIdentity(isTrainable: isTrainable)
        self.name = name
    }

    /// kernel `[inputs, units]` and, with ``useBias``, bias `[units]`.
    public var weights: [WeightDescription] {
        let kernel = WeightDescription(name: "kernel", initializer: kernelInitializer, regularizer: kernelRegularizer)
        let bias = WeightDescription(name: "bias", initializer: biasInitializer, regularizer: biasRegularizer)
        return useBias ? [kernel, bias] : [kernel]
    }

    /// The matrix product, then the activation.
    public func operations(for inputs: [Shape]) -> [Operation] {
        [.dense(units: units, useBias: useBias)] + activation.operations
    }

    /// Keras's `get_config`. An activation is written by its name.
    public var config: [String: JSON] {
        [
            "units": JSON(units), "activation": activation.kerasConfig, "use_bias": .bool(useBias),
            "kernel_initializer": kernelInitializer.kerasConfig, "bias_initializer": biasInitializer.kerasConfig,
            "kernel_regularizer": kernelRegularizer.kerasConfig, "bias_regularizer": biasRegularizer.kerasConfig,
            "activity_regularizer": activityRegularizer.kerasConfig,
        ]
    }

    /// - Throws: ``LayerError`` for penalties and constraints that are not known here.
    public init(config: LayerConfig) throws {
        try config.requireNone(["kernel_constraint", "bias_constraint"])
        self.init(
            try config.integer("units"), activation: try config.activation(),
            useBias: try config.flag("use_bias", default: true),
            kernelInitializer: try config.initializer("kernel_initializer", default: .glorotUniform),
            biasInitializer: try config.initializer("bias_initializer", default: .zeros),
            kernelRegularizer: try config.regularizer("kernel_regularizer"),
            biasRegularizer: try config.regularizer("bias_regularizer"),
            activityRegularizer: try config.regularizer("activity_regularizer"), name: config.name)
    }
}
