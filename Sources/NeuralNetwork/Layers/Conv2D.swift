import ComputeGraph
import Tensors

/// The penalty `factor * sum(w^2)` on a weight, part of the loss, as `keras.regularizers.L2`.
public struct L2: Sendable, Equatable {
    public let factor: Double
    public init(_ factor: Double) { self.factor = factor }
}

/// Convolution over height and width (cross-correlation, as in Keras).
///
/// Takes (h, w, c), gives (h', w', filters): with `same` padding `h' = ceil(h / stride)`, with `valid`
/// `h' = floor((h - kernel) / stride) + 1`. Weights: kernel `[kh, kw, c, filters]`, bias `[filters]`.
public struct Conv2D: Layer {
    public static let className = "Conv2D"
    public let name: String?
    public let filters: Int
    public let window: SlidingWindow
    public let activation: ActivationFunction
    public let useBias: Bool
    public let kernelInitializer: Initializer
    public let biasInitializer: Initializer
    public let kernelRegularizer: L2?
    public let isTrainable: Bool

    public init(
        _ filters: Int, kernelSize: (Int, Int), strides: (Int, Int) = (1, 1), padding: Padding = .valid,
        activation: ActivationFunction = .linear, useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
        biasInitializer: Initializer = .zeros, kernelRegularizer: L2? = nil, isTrainable: Bool = true,
        name: String? = nil
    ) {
        self.filters = filters
        window = SlidingWindow(
            kernel: Size2D(kernelSize.0, kernelSize.1), strides: Size2D(strides.0, strides.1), padding: padding)
        self.activation = activation
        self.useBias = useBias
        self.kernelInitializer = kernelInitializer
        self.biasInitializer = biasInitializer
        self.kernelRegularizer = kernelRegularizer
        self.isTrainable = isTrainable
        self.name = name
    }

    public func outputShape(for inputs: [Shape]) throws -> Shape {
        guard filters > 0 else { throw LayerError("\(label): the number of filters must be positive, not \(filters)") }
        try kernelRegularizer.check(label)
        return try window.outputShape(over: try inputs.image(label), channels: filters, layer: label)
    }

    public func weights(for inputs: [Shape]) -> [WeightDescription] {
        let kernel = WeightDescription(
            name: "kernel", shape: [window.kernel.height, window.kernel.width, inputs[0][2], filters],
            initializer: kernelInitializer, isTrainable: isTrainable, l2: kernelRegularizer?.factor ?? 0)
        let bias = WeightDescription(
            name: "bias", shape: [filters], initializer: biasInitializer, isTrainable: isTrainable)
        return useBias ? [kernel, bias] : [kernel]
    }

    public var operations: [Operation] {
        [.conv2D(window, filters: filters, useBias: useBias)] + activation.operations
    }

    public var config: [String: JSON] {
        [
            "filters": JSON(filters), "kernel_size": window.kernel.json, "strides": window.strides.json,
            "padding": .string(window.padding.rawValue), "data_format": "channels_last", "dilation_rate": [1, 1],
            "groups": 1, "activation": .string(activation.kerasName), "use_bias": .bool(useBias),
            "kernel_initializer": kernelInitializer.kerasConfig, "bias_initializer": biasInitializer.kerasConfig,
            "kernel_regularizer": kernelRegularizer.kerasConfig, "trainable": .bool(isTrainable),
        ]
    }

    public init(config: LayerConfig) throws {
        try config.requireChannelsLast()
        try config.require("dilation_rate", isOneOf: [[1, 1], 1], meaning: "dilation")
        try config.require("groups", isOneOf: [1], meaning: "convolution in groups")
        try config.requireNoOtherRegularizer()
        let kernelSize = try config.size("kernel_size")
        let strides = try config.size("strides", default: Size2D(1, 1))
        self.init(
            try config.integer("filters"), kernelSize: (kernelSize.height, kernelSize.width),
            strides: (strides.height, strides.width), padding: try config.padding(),
            activation: try config.activation(), useBias: try config.flag("use_bias", default: true),
            kernelInitializer: try config.initializer("kernel_initializer", default: .glorotUniform),
            biasInitializer: try config.initializer("bias_initializer", default: .zeros),
            kernelRegularizer: try config.kernelRegularizer(), isTrainable: try config.isTrainable(), name: config.name)
    }
}

extension ActivationFunction {
    /// What a layer with this activation computes after its own work.
    var operations: [Operation] { self == .linear ? [] : [.activation(self)] }
}

extension Size2D {
    var json: JSON { JSON([height, width]) }
}

extension L2? {
    /// - Throws: ``LayerError`` for a factor that is not 0 or more.
    func check(_ layer: String) throws {
        guard let factor = self?.factor, !LayerConfig.positiveSingles.contains(factor) else { return }
        throw LayerError("\(layer): the factor \(factor) of an L2 penalty is negative or too large")
    }

    var kerasConfig: JSON { map { ["class_name": "L2", "config": ["l2": .number($0.factor)]] } ?? .null }
}

extension LayerConfig {
    func kernelRegularizer() throws -> L2? {
        let factor = try l2()
        return factor == 0 ? nil : L2(factor)
    }

    /// Penalties and constraints that this library does not have must not be dropped in silence.
    func requireNoOtherRegularizer() throws {
        for key in ["bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint"] {
            try require(key, isOneOf: [], meaning: key)
        }
    }
}
