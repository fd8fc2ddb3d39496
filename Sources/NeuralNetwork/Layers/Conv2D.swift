import ComputeGraph
import Tensors

/// The penalty `factor * sum(w^2)` on a weight, added to the loss: `keras.regularizers.L2`.
public struct L2: Sendable, Equatable {
    /// The factor of the penalty; 0 or more.
    public let factor: Double
    /// - Parameter factor: 0 or more. A layer refuses another one when it is applied.
    public init(_ factor: Double) { self.factor = factor }
}

/// Convolution over height and width (cross-correlation, as in Keras).
///
/// Takes (h, w, c), returns (h', w', filters). With `same` padding `h' = ceil(h / stride)`, with `valid`
/// `h' = floor((h - kernel) / stride) + 1`. Weights: kernel `[kh, kw, c, filters]`, bias `[filters]`.
///
/// Of Keras's `Conv2D`, dilation, groups, constraints and other regularizers are missing.
public struct Conv2D: Layer {
    /// The class's name in Keras's files.
    public static let className = "Conv2D"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity: LayerIdentity
    /// Number of channels of the output.
    public let filters: Int
    /// Size of the kernel, strides and padding.
    public let window: SlidingWindow
    /// Applied to the result; `.linear` for none.
    public let activation: ActivationFunction
    /// Whether each filter adds a bias.
    public let useBias: Bool
    /// Initial values of the kernel.
    public let kernelInitializer: Initializer
    /// Initial values of the bias.
    public let biasInitializer: Initializer
    /// The penalty on the kernel, if there is one.
    public let kernelRegularizer: L2?

    /// The defaults are Keras's.
    ///
    /// - Parameters:
    ///   - filters: number of channels of the output, at least 1.
    ///   - kernelSize: height and width of the window, at least 1.
    ///   - strides: steps of the window down and to the right, at least 1.
    ///   - padding: `.valid` keeps the window inside the image, `.same` pads with zeros.
    ///   - activation: applied to the result.
    ///   - useBias: whether each filter adds a bias.
    ///   - kernelInitializer: initial values of the kernel.
    ///   - biasInitializer: initial values of the bias.
    ///   - kernelRegularizer: a penalty on the kernel, part of the loss.
    ///   - isTrainable: `false` freezes kernel and bias.
    ///   - name: unique within the model; by default `conv2d`, `conv2d_1`, ...
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
        identity = LayerIdentity(isTrainable: isTrainable)
        self.name = name
    }

    /// kernel `[kh, kw, c, filters]` and, with ``useBias``, bias `[filters]`.
    public var weights: [WeightDescription] {
        let kernel = WeightDescription(
            name: "kernel", initializer: kernelInitializer, regularizer: kernelRegularizer)
        return useBias ? [kernel, WeightDescription(name: "bias", initializer: biasInitializer)] : [kernel]
    }

    /// The convolution, then the activation.
    public func operations(for inputs: [Shape]) -> [Operation] {
        [.conv2D(window, filters: filters, useBias: useBias)] + activation.operations
    }

    /// Keras's `get_config`. An activation is written by its name.
    public var config: [String: JSON] {
        [
            "filters": JSON(filters), "kernel_size": window.kernel.json, "strides": window.strides.json,
            "padding": .string(window.padding.rawValue), "data_format": "channels_last", "dilation_rate": [1, 1],
            "groups": 1, "activation": .string(activation.kerasName), "use_bias": .bool(useBias),
            "kernel_initializer": kernelInitializer.kerasConfig, "bias_initializer": biasInitializer.kerasConfig,
            "kernel_regularizer": kernelRegularizer.kerasConfig,
        ]
    }

    /// - Throws: ``LayerError`` for `channels_first`, dilation, groups, and penalties and constraints not known here.
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
            kernelRegularizer: try config.kernelRegularizer(), name: config.name)
    }
}

extension ActivationFunction {
    /// The operations that apply this activation to a layer's result.
    var operations: [Operation] { self == .linear ? [] : [.activation(self)] }
}

extension Size2D {
    var json: JSON { JSON([height, width]) }
}

extension L2 {
    /// As backends compute it.
    var penalty: Penalty { Penalty(l2: Float(factor)) }
}

extension L2? {
    /// - Throws: ``LayerError`` for a factor that is negative or not finite.
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

    /// Refuses penalties and constraints that this library does not have: they must not be dropped silently.
    func requireNoOtherRegularizer() throws {
        for key in ["bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint"] {
            try require(key, isOneOf: [], meaning: key)
        }
    }
}
