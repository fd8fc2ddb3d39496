import ComputeGraph
import Tensors

/// Every unit sees every input: `y = x * kernel + bias`, over the last axis.
///
/// Weights: kernel `[inputs, units]`, bias `[units]`.
public struct Dense: Layer {
    public static let className = "Dense"
    public let name: String?
    public let units: Int
    public let activation: ActivationFunction
    public let useBias: Bool
    public let kernelInitializer: Initializer
    public let biasInitializer: Initializer
    public let kernelRegularizer: L2?
    public let isTrainable: Bool

    public init(
        _ units: Int, activation: ActivationFunction = .linear, useBias: Bool = true,
        kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
        kernelRegularizer: L2? = nil, isTrainable: Bool = true, name: String? = nil
    ) {
        self.units = units
        self.activation = activation
        self.useBias = useBias
        self.kernelInitializer = kernelInitializer
        self.biasInitializer = biasInitializer
        self.kernelRegularizer = kernelRegularizer
        self.isTrainable = isTrainable
        self.name = name
    }

    public func outputShape(for inputs: [Shape]) throws -> Shape {
        var shape = try inputs.single(label)
        guard units > 0 else { throw LayerError("\(label): the number of units must be positive, not \(units)") }
        try kernelRegularizer.check(label)
        shape[shape.rank - 1] = units
        return shape
    }

    public func weights(for inputs: [Shape]) -> [WeightDescription] {
        let kernel = WeightDescription(
            name: "kernel", shape: [inputs[0].dimensions.last ?? 1, units], initializer: kernelInitializer,
            isTrainable: isTrainable, l2: kernelRegularizer?.factor ?? 0)
        let bias = WeightDescription(
            name: "bias", shape: [units], initializer: biasInitializer, isTrainable: isTrainable)
        return useBias ? [kernel, bias] : [kernel]
    }

    public var operations: [Operation] { [.dense(units: units, useBias: useBias)] + activation.operations }

    public var config: [String: JSON] {
        [
            "units": JSON(units), "activation": .string(activation.kerasName), "use_bias": .bool(useBias),
            "kernel_initializer": kernelInitializer.kerasConfig, "bias_initializer": biasInitializer.kerasConfig,
            "kernel_regularizer": kernelRegularizer.kerasConfig, "trainable": .bool(isTrainable),
        ]
    }

    public init(config: LayerConfig) throws {
        try config.requireNoOtherRegularizer()
        self.init(
            try config.integer("units"), activation: try config.activation(),
            useBias: try config.flag("use_bias", default: true),
            kernelInitializer: try config.initializer("kernel_initializer", default: .glorotUniform),
            biasInitializer: try config.initializer("bias_initializer", default: .zeros),
            kernelRegularizer: try config.kernelRegularizer(), isTrainable: try config.isTrainable(), name: config.name)
    }
}
