import ComputeGraph
import Tensors

/// Convolution over height and width (cross-correlation, as in Keras).
///
/// Takes (h, w, c), returns (h', w', filters). With `same` padding `h' = ceil(h / stride)`, with `valid`
/// `h' = floor((h - kernel) / stride) + 1`, where a dilated kernel counts with its holes. Weights: kernel
/// `[kh, kw, c / groups, filters]`, bias `[filters]`.
///
/// Of Keras's `Conv2D`, constraints are missing.
public struct Conv2D: Layer {
    /// The class's name in Keras's files.
    public static let className = "Conv2D"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity: LayerIdentity
    /// Number of channels of the output.
    public let filters: Int
    /// Size of the kernel, strides, padding and dilation.
    public let window: SlidingWindow
    /// The number of equal parts of channels and filters that are convolved apart.
    public let groups: Int
    /// Applied to the result; `.linear` for none.
    public let activation: ActivationFunction
    /// Whether each filter adds a bias.
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
    ///   - filters: number of channels of the output, at least 1.
    ///   - kernelSize: height and width of the window, at least 1.
    ///   - strides: steps of the window down and to the right, at least 1.
    ///   - padding: `.valid` keeps the window inside the image, `.same` pads with zeros.
    ///   - dilationRate: distances between neighboring rows and columns of the kernel; 1 where strides are not 1.
    ///   - groups: divides channels and filters into parts. Each part of the filters sees its part of the channels.
    ///   - activation: applied to the result.
    ///   - useBias: whether each filter adds a bias.
    ///   - kernelInitializer: initial values of the kernel.
    ///   - biasInitializer: initial values of the bias.
    ///   - kernelRegularizer: a penalty on the kernel, part of the loss.
    ///   - biasRegularizer: a penalty on the bias.
    ///   - activityRegularizer: a penalty on the output, divided by the number of samples.
    ///   - isTrainable: `false` freezes kernel and bias.
    ///   - name: unique within the model; by default `conv2d`, `conv2d_1`, ...
    public init(
        _ filters: Int, kernelSize: (Int, Int), strides: (Int, Int) = (1, 1), padding: Padding = .valid,
        dilationRate: (Int, Int) = (1, 1), groups: Int = 1, activation: ActivationFunction = .linear,
        useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
        kernelRegularizer: Regularizer? = nil, biasRegularizer: Regularizer? = nil,
        activityRegularizer: Regularizer? = nil, isTrainable: Bool = true, name: String? = nil
    ) {
        self.filters = filters
        window = SlidingWindow(
            kernel: Size2D(kernelSize.0, kernelSize.1), strides: Size2D(strides.0, strides.1), padding: padding,
            dilation: Size2D(dilationRate.0, dilationRate.1))
        self.groups = groups
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

    /// kernel `[kh, kw, c / groups, filters]` and, with ``useBias``, bias `[filters]`.
    public var weights: [WeightDescription] {
        let kernel = WeightDescription(name: "kernel", initializer: kernelInitializer, regularizer: kernelRegularizer)
        let bias = WeightDescription(name: "bias", initializer: biasInitializer, regularizer: biasRegularizer)
        return useBias ? [kernel, bias] : [kernel]
    }

    /// The convolution, then the activation.
    ///
    /// - Throws: ``LayerError`` for strides together with dilation, which Keras does not have.
    public func operations(for inputs: [Shape]) throws -> [Operation] {
        try window.requireStridesOrDilation(label)
        return [.conv2D(window, filters: filters, groups: groups, useBias: useBias)] + activation.operations
    }

    /// Keras's `get_config`. An activation is written by its name.
    public var config: [String: JSON] {
        window.convolutionConfig.merging([
            "filters": JSON(filters), "groups": JSON(groups), "activation": activation.kerasConfig,
            "use_bias": .bool(useBias), "kernel_initializer": kernelInitializer.kerasConfig,
            "bias_initializer": biasInitializer.kerasConfig, "kernel_regularizer": kernelRegularizer.kerasConfig,
            "bias_regularizer": biasRegularizer.kerasConfig, "activity_regularizer": activityRegularizer.kerasConfig,
        ]) { $1 }
    }

    /// - Throws: ``LayerError`` for `channels_first`, constraints, and penalties not known here.
    public init(config: LayerConfig) throws {
        try config.requireNone(["kernel_constraint", "bias_constraint"])
        let window = try config.convolutionWindow()
        self.init(
            try config.integer("filters"), kernelSize: (window.kernel.height, window.kernel.width),
            strides: (window.strides.height, window.strides.width), padding: window.padding,
            dilationRate: (window.dilation.height, window.dilation.width),
            groups: try config.integer("groups", default: 1), activation: try config.activation(),
            useBias: try config.flag("use_bias", default: true),
            kernelInitializer: try config.initializer("kernel_initializer", default: .glorotUniform),
            biasInitializer: try config.initializer("bias_initializer", default: .zeros),
            kernelRegularizer: try config.regularizer("kernel_regularizer"),
            biasRegularizer: try config.regularizer("bias_regularizer"),
            activityRegularizer: try config.regularizer("activity_regularizer"), name: config.name)
    }
}

extension SlidingWindow {
    /// - Throws: ``LayerError`` for strides together with dilation, which Keras does not have.
    func requireStridesOrDilation(_ label: String) throws {
        guard strides == Size2D(1, 1) || dilation == Size2D(1, 1) else {
            throw LayerError("\(label): strides and dilation cannot both be other than 1")
        }
    }

    /// The settings of a convolution's window.
    var convolutionConfig: [String: JSON] {
        [
            "kernel_size": kernel.json, "strides": strides.json, "padding": .string(padding.rawValue),
            "data_format": "channels_last", "dilation_rate": dilation.json,
        ]
    }
}

extension LayerConfig {
    /// The window of a convolution.
    func convolutionWindow() throws -> SlidingWindow {
        try requireChannelsLast()
        return SlidingWindow(
            kernel: try size("kernel_size"), strides: try size("strides", default: Size2D(1, 1)),
            padding: try padding(), dilation: try size("dilation_rate", default: Size2D(1, 1)))
    }
}

extension ActivationFunction {
    /// The operations that apply this activation to a layer's result.
    var operations: [Operation] { self == .linear ? [] : [.activation(self)] }
}

extension Size2D {
    var json: JSON { JSON([height, width]) }
}
