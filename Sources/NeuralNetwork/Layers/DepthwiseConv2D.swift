import ComputeGraph
import Tensors

/// Convolves each channel by itself with `depthMultiplier` filters. Keras's `DepthwiseConv2D`.
///
/// Takes (h, w, c), returns (h', w', c * depthMultiplier), with h' and w' as for ``Conv2D``. Filter m of channel c is
/// channel `c * depthMultiplier + m` of the output. Weights: kernel `[kh, kw, c, depthMultiplier]`, bias
/// `[c * depthMultiplier]`.
public struct DepthwiseConv2D: Layer {
    /// The class's name in Keras's files.
    public static let className = "DepthwiseConv2D"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity: LayerIdentity
    /// Size of the kernel, strides, padding and dilation.
    public let window: SlidingWindow
    /// Number of filters for each channel.
    public let depthMultiplier: Int
    /// Applied to the result; `.linear` for none.
    public let activation: ActivationFunction
    /// Whether each filter adds a bias.
    public let useBias: Bool
    /// Initial values of the kernel.
    public let depthwiseInitializer: Initializer
    /// Initial values of the bias.
    public let biasInitializer: Initializer
    /// The penalties on kernel, bias and output; `nil` for none.
    public let depthwiseRegularizer, biasRegularizer, activityRegularizer: Regularizer?

    /// The defaults are Keras's.
    ///
    /// - Parameters:
    ///   - kernelSize: height and width of the window, at least 1.
    ///   - strides: steps of the window down and to the right, at least 1.
    ///   - padding: `.valid` keeps the window inside the image, `.same` pads with zeros.
    ///   - depthMultiplier: number of filters for each channel, at least 1.
    ///   - dilationRate: distances between neighboring rows and columns of the kernel; 1 where strides are not 1.
    ///   - activation: applied to the result.
    ///   - useBias: whether each filter adds a bias.
    ///   - depthwiseInitializer: initial values of the kernel.
    ///   - biasInitializer: initial values of the bias.
    ///   - depthwiseRegularizer: a penalty on the kernel, part of the loss.
    ///   - biasRegularizer: a penalty on the bias.
    ///   - activityRegularizer: a penalty on the output, divided by the number of samples.
    ///   - isTrainable: `false` freezes kernel and bias.
    ///   - name: unique within the model; by default `depthwise_conv2d`, `depthwise_conv2d_1`, ...
    public init(
        kernelSize: (Int, Int), strides: (Int, Int) = (1, 1), padding: Padding = .valid, depthMultiplier: Int = 1,
        dilationRate: (Int, Int) = (1, 1), activation: ActivationFunction = .linear, useBias: Bool = true,
        depthwiseInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
        depthwiseRegularizer: Regularizer? = nil, biasRegularizer: Regularizer? = nil,
        activityRegularizer: Regularizer? = nil, isTrainable: Bool = true, name: String? = nil
    ) {
        window = SlidingWindow(
            kernel: Size2D(kernelSize.0, kernelSize.1), strides: Size2D(strides.0, strides.1), padding: padding,
            dilation: Size2D(dilationRate.0, dilationRate.1))
        self.depthMultiplier = depthMultiplier
        self.activation = activation
        self.useBias = useBias
        self.depthwiseInitializer = depthwiseInitializer
        self.biasInitializer = biasInitializer
        self.depthwiseRegularizer = depthwiseRegularizer
        self.biasRegularizer = biasRegularizer
        self.activityRegularizer = activityRegularizer
        identity = LayerIdentity(isTrainable: isTrainable)
        self.name = name
    }

    /// kernel `[kh, kw, c, depthMultiplier]` and, with ``useBias``, bias `[c * depthMultiplier]`.
    public var weights: [WeightDescription] {
        let kernel = WeightDescription(
            name: "kernel", initializer: depthwiseInitializer, regularizer: depthwiseRegularizer)
        let bias = WeightDescription(name: "bias", initializer: biasInitializer, regularizer: biasRegularizer)
        return useBias ? [kernel, bias] : [kernel]
    }

    /// The convolution, then the activation.
    ///
    /// - Throws: ``LayerError`` for strides together with dilation, which Keras does not have.
    public func operations(for inputs: [Shape]) throws -> [Operation] {
        try window.requireStridesOrDilation(label)
        return [.depthwiseConv2D(window, multiplier: depthMultiplier, useBias: useBias)] + activation.operations
    }

    /// Keras's `get_config`.
    public var config: [String: JSON] {
        window.convolutionConfig.merging([
            "depth_multiplier": JSON(depthMultiplier), "activation": activation.kerasConfig,
            "use_bias": .bool(useBias), "depthwise_initializer": depthwiseInitializer.kerasConfig,
            "bias_initializer": biasInitializer.kerasConfig,
            "depthwise_regularizer": depthwiseRegularizer.kerasConfig,
            "bias_regularizer": biasRegularizer.kerasConfig, "activity_regularizer": activityRegularizer.kerasConfig,
        ]) { $1 }
    }

    /// - Throws: ``LayerError`` for `channels_first`, constraints, and penalties not known here.
    public init(config: LayerConfig) throws {
        try config.requireNone(["depthwise_constraint", "bias_constraint"])
        // Keras 2 writes it, and does not read it.
        config.ignore(["groups"])
        window = try config.convolutionWindow()
        depthMultiplier = try config.integer("depth_multiplier", default: 1)
        activation = try config.activation()
        useBias = try config.flag("use_bias", default: true)
        depthwiseInitializer = try config.initializer("depthwise_initializer", default: .glorotUniform)
        biasInitializer = try config.initializer("bias_initializer", default: .zeros)
        depthwiseRegularizer = try config.regularizer("depthwise_regularizer")
        biasRegularizer = try config.regularizer("bias_regularizer")
        activityRegularizer = try config.regularizer("activity_regularizer")
        identity = LayerIdentity()
        name = config.name
    }
}
