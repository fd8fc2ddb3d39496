import ComputeGraph
import Tensors

/// A ``DepthwiseConv2D`` without bias, and then a 1x1 ``Conv2D`` that mixes the channels. Keras's `SeparableConv2D`.
///
/// Takes (h, w, c), returns (h', w', filters), with h' and w' as for ``Conv2D``. Weights: depthwise_kernel
/// `[kh, kw, c, depthMultiplier]`, pointwise_kernel `[1, 1, c * depthMultiplier, filters]`, bias `[filters]`.
public struct SeparableConv2D: Layer {
    /// The class's name in Keras's files.
    public static let className = "SeparableConv2D"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity: LayerIdentity
    /// Number of channels of the output.
    public let filters: Int
    /// Size of the depthwise kernel, strides, padding and dilation.
    public let window: SlidingWindow
    /// Number of depthwise filters for each channel.
    public let depthMultiplier: Int
    /// Applied to the result; `.linear` for none.
    public let activation: ActivationFunction
    /// Whether each filter adds a bias.
    public let useBias: Bool
    /// Initial values of the kernels.
    public let depthwiseInitializer, pointwiseInitializer: Initializer
    /// Initial values of the bias.
    public let biasInitializer: Initializer
    /// The penalties on kernels, bias and output; `nil` for none.
    public let depthwiseRegularizer, pointwiseRegularizer, biasRegularizer, activityRegularizer: Regularizer?

    /// The defaults are Keras's.
    ///
    /// - Parameters:
    ///   - filters: number of channels of the output, at least 1.
    ///   - kernelSize: height and width of the depthwise window, at least 1.
    ///   - strides: steps of the window down and to the right, at least 1.
    ///   - padding: `.valid` keeps the window inside the image, `.same` pads with zeros.
    ///   - depthMultiplier: number of depthwise filters for each channel, at least 1.
    ///   - dilationRate: distances between neighboring rows and columns of the depthwise kernel.
    ///   - activation: applied to the result.
    ///   - useBias: whether each filter adds a bias.
    ///   - depthwiseInitializer: initial values of the depthwise kernel.
    ///   - pointwiseInitializer: initial values of the 1x1 kernel.
    ///   - biasInitializer: initial values of the bias.
    ///   - depthwiseRegularizer: a penalty on the depthwise kernel, part of the loss.
    ///   - pointwiseRegularizer: a penalty on the 1x1 kernel.
    ///   - biasRegularizer: a penalty on the bias.
    ///   - activityRegularizer: a penalty on the output, divided by the number of samples.
    ///   - isTrainable: `false` freezes kernels and bias.
    ///   - name: unique within the model; by default `separable_conv2d`, `separable_conv2d_1`, ...
    public init(
        _ filters: Int, kernelSize: (Int, Int), strides: (Int, Int) = (1, 1), padding: Padding = .valid,
        depthMultiplier: Int = 1, dilationRate: (Int, Int) = (1, 1), activation: ActivationFunction = .linear,
        useBias: Bool = true, depthwiseInitializer: Initializer = .glorotUniform,
        pointwiseInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
        depthwiseRegularizer: Regularizer? = nil, pointwiseRegularizer: Regularizer? = nil,
        biasRegularizer: Regularizer? = nil, activityRegularizer: Regularizer? = nil, isTrainable: Bool = true,
        name: String? = nil
    ) {
        self.filters = filters
        window = SlidingWindow(
            kernel: Size2D(kernelSize.0, kernelSize.1), strides: Size2D(strides.0, strides.1), padding: padding,
            dilation: Size2D(dilationRate.0, dilationRate.1))
        self.depthMultiplier = depthMultiplier
        self.activation = activation
        self.useBias = useBias
        self.depthwiseInitializer = depthwiseInitializer
        self.pointwiseInitializer = pointwiseInitializer
        self.biasInitializer = biasInitializer
        self.depthwiseRegularizer = depthwiseRegularizer
        self.pointwiseRegularizer = pointwiseRegularizer
        self.biasRegularizer = biasRegularizer
        self.activityRegularizer = activityRegularizer
        identity = LayerIdentity(isTrainable: isTrainable)
        self.name = name
    }

    /// depthwise_kernel, pointwise_kernel and, with ``useBias``, bias.
    public var weights: [WeightDescription] {
        let kernels = [
            WeightDescription(
                name: "depthwise_kernel", initializer: depthwiseInitializer, regularizer: depthwiseRegularizer),
            WeightDescription(
                name: "pointwise_kernel", initializer: pointwiseInitializer, regularizer: pointwiseRegularizer),
        ]
        let bias = WeightDescription(name: "bias", initializer: biasInitializer, regularizer: biasRegularizer)
        return useBias ? kernels + [bias] : kernels
    }

    /// The two convolutions, then the activation.
    ///
    /// - Throws: ``LayerError`` for strides together with dilation, which Keras does not have.
    public func operations(for inputs: [Shape]) throws -> [Operation] {
        try window.requireStridesOrDilation(label)
        let pointwise = SlidingWindow(kernel: Size2D(1, 1), strides: Size2D(1, 1), padding: .valid)
        return [
            .depthwiseConv2D(window, multiplier: depthMultiplier, useBias: false),
            .conv2D(pointwise, filters: filters, useBias: useBias),
        ] + activation.operations
    }

    /// Keras's `get_config`.
    public var config: [String: JSON] {
        window.convolutionConfig.merging([
            "filters": JSON(filters), "depth_multiplier": JSON(depthMultiplier),
            "activation": activation.kerasConfig, "use_bias": .bool(useBias),
            "depthwise_initializer": depthwiseInitializer.kerasConfig,
            "pointwise_initializer": pointwiseInitializer.kerasConfig,
            "bias_initializer": biasInitializer.kerasConfig,
            "depthwise_regularizer": depthwiseRegularizer.kerasConfig,
            "pointwise_regularizer": pointwiseRegularizer.kerasConfig,
            "bias_regularizer": biasRegularizer.kerasConfig, "activity_regularizer": activityRegularizer.kerasConfig,
        ]) { $1 }
    }

    /// - Throws: ``LayerError`` for `channels_first`, constraints, and penalties not known here.
    public init(config: LayerConfig) throws {
        try config.requireNone(["depthwise_constraint", "pointwise_constraint", "bias_constraint"])
        // Keras 2 also writes settings of a kernel that the layer does not have.
        config.ignore(["groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint"])
        filters = try config.integer("filters")
        window = try config.convolutionWindow()
        depthMultiplier = try config.integer("depth_multiplier", default: 1)
        activation = try config.activation()
        useBias = try config.flag("use_bias", default: true)
        depthwiseInitializer = try config.initializer("depthwise_initializer", default: .glorotUniform)
        pointwiseInitializer = try config.initializer("pointwise_initializer", default: .glorotUniform)
        biasInitializer = try config.initializer("bias_initializer", default: .zeros)
        depthwiseRegularizer = try config.regularizer("depthwise_regularizer")
        pointwiseRegularizer = try config.regularizer("pointwise_regularizer")
        biasRegularizer = try config.regularizer("bias_regularizer")
        activityRegularizer = try config.regularizer("activity_regularizer")
        identity = LayerIdentity()
        name = config.name
    }
}
