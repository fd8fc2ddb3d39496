import Tensors

/// A height and a width, in pixels or in steps.
public struct Size2D: Hashable, Sendable {
    public var height: Int
    public var width: Int

    public init(_ height: Int, _ width: Int) {
        self.height = height
        self.width = width
    }

    /// The number of positions.
    public var area: Int { height * width }
}

/// Keras's treatment of a window at the border of its input.
public enum Padding: String, Hashable, Sendable {
    /// The output has `ceil(input / stride)` positions. The input is padded on both sides, less before it than after.
    case same
    /// The window stays inside: `floor((input - kernel) / stride) + 1` positions.
    case valid
}

/// A window that slides over height and width, the geometry of convolution and pooling.
public struct SlidingWindow: Hashable, Sendable {
    public var kernel: Size2D
    public var strides: Size2D
    public var padding: Padding
    /// The distance between neighboring elements of the window: 1, or more in a convolution with holes.
    public var dilation: Size2D

    public init(kernel: Size2D, strides: Size2D, padding: Padding, dilation: Size2D = Size2D(1, 1)) {
        self.kernel = kernel
        self.strides = strides
        self.padding = padding
        self.dilation = dilation
    }

    /// The rows and columns from the window's first to its last element.
    public var extent: Size2D {
        Size2D((kernel.height - 1) * dilation.height + 1, (kernel.width - 1) * dilation.width + 1)
    }

    /// The number of positions along each axis, which is not positive if the window does not fit.
    public func output(for input: Size2D) -> Size2D {
        func positions(_ input: Int, _ extent: Int, _ stride: Int) -> Int {
            switch padding {
            case .same: (input + stride - 1) / stride
            case .valid: input < extent ? 0 : (input - extent) / stride + 1
            }
        }
        return Size2D(
            positions(input.height, extent.height, strides.height), positions(input.width, extent.width, strides.width))
    }

    /// The rows and columns of padding before and after an input of this size.
    public func paddings(for input: Size2D) -> (leading: Size2D, trailing: Size2D) {
        guard padding == .same else { return (Size2D(0, 0), Size2D(0, 0)) }
        let output = output(for: input)
        func total(_ output: Int, _ stride: Int, _ extent: Int, _ input: Int) -> Int {
            max((output - 1) * stride + extent - input, 0)
        }
        let rows = total(output.height, strides.height, extent.height, input.height)
        let columns = total(output.width, strides.width, extent.width, input.width)
        return (Size2D(rows / 2, columns / 2), Size2D(rows - rows / 2, columns - columns / 2))
    }
}

/// The settings of a batch normalization.
public struct NormalizationSettings: Hashable, Sendable {
    /// Added to the variance before the root is taken.
    public var epsilon: Float
    /// How much of the moving statistics a step keeps.
    public var momentum: Float
    /// Whether there is a gamma, and whether there is a beta.
    public var scale, center: Bool
    /// Whether training also uses the moving statistics, and does not change them.
    public var isFrozen: Bool

    public init(epsilon: Float, momentum: Float, scale: Bool = true, center: Bool = true, isFrozen: Bool = false) {
        self.epsilon = epsilon
        self.momentum = momentum
        self.scale = scale
        self.center = center
        self.isFrozen = isFrozen
    }
}

/// The factors and summands of a scaling: one for all channels, or one for each.
public struct ScalingSettings: Hashable, Sendable {
    public var scale: [Float]
    public var offset: [Float]

    public init(scale: [Float], offset: [Float] = [0]) {
        self.scale = scale
        self.offset = offset
    }
}

/// How pixels between those of an image are found.
public enum UpSampling: String, Hashable, Sendable {
    /// The nearest pixel: every pixel is repeated.
    case nearest
    /// The mean of the four pixels around, weighted by distance. Output pixel i lies at `(i + 0.5) / size - 0.5`; beyond
    /// the edges, the edge's pixels are repeated.
    case bilinear
}

/// The computation of a node in a ``Graph``. Shapes are those of samples in NHWC, and semantics are Keras 3's.
///
/// An operation says its output's shape and its parameters' shapes (`Shapes.swift`); nothing else repeats them.
public enum Operation: Hashable, Sendable {
    case input(Shape)
    /// Cross-correlation. Parameters: kernel `[kh, kw, in / groups, filters]`, then bias `[filters]` if it has one.
    ///
    /// The first of the `groups` equal parts of the filters see the first part of the input channels alone, and so on.
    case conv2D(SlidingWindow, filters: Int, groups: Int = 1, useBias: Bool)
    /// A cross-correlation of each channel by itself with `multiplier` filters. Parameters: kernel `[kh, kw, channels,
    /// multiplier]`, then bias `[channels * multiplier]` if it has one. Filter m of channel c is output channel
    /// `c * multiplier + m`.
    case depthwiseConv2D(SlidingWindow, multiplier: Int, useBias: Bool)
    /// Normalizes each channel (last axis). Parameters: gamma and beta if it has them, moving mean, moving variance,
    /// each `[channels]`.
    ///
    /// Training uses batch statistics (biased variance) and moves the moving statistics by `1 - momentum`.
    case batchNormalization(NormalizationSettings)
    case activation(ActivationFunction)
    /// `x` above zero, `alpha * x` below; the slope at 0 is 0. Parameter: alpha, of the shape given, which is the input's
    /// with 1 along the axes that share an alpha.
    case prelu(alpha: Shape)
    /// `scale * x + offset`.
    case rescale(ScalingSettings)
    /// `(x - mean) / max(sqrt(variance), 1e-7)`, or the inverse. Parameters, which have no gradients: mean and variance, each
    /// `[channels]`, and the number of values that they are of, which nothing reads.
    case normalize(invert: Bool)
    /// The largest element of each window, never the padding. On ties, the gradient goes to the first maximum in
    /// row-major order.
    case maxPooling2D(SlidingWindow)
    /// The mean of each window. The divisor does not count the padding.
    case averagePooling2D(SlidingWindow)
    case globalAveragePooling2D
    /// The largest element of each channel. Those that are equal share the gradient.
    case globalMaxPooling2D
    /// `x / (bias + alpha * sum of squares over channels c - depthRadius ... c + depthRadius) ^ beta`.
    case localResponseNormalization(depthRadius: Int, bias: Float, alpha: Float, beta: Float)
    /// The inputs side by side along the last axis.
    case concatenate
    case add
    /// The sum of the inputs, each times its factor: Keras's `Average`, `Subtract`, and a residual that is scaled.
    case linearCombination(factors: [Float])
    /// The product, largest or smallest of the inputs, element by element. Axes before an input's first and axes of
    /// length 1 are repeated. The first of equal inputs gets the gradient of their maximum or minimum.
    case multiply, maximum, minimum
    case zeroPadding2D(top: Int, bottom: Int, left: Int, right: Int)
    /// Removes rows and columns.
    case cropping2D(top: Int, bottom: Int, left: Int, right: Int)
    /// Makes the image `size` times as large.
    case upSampling2D(Size2D, UpSampling)
    /// In training, zeroes a fraction `rate` of the elements and scales the others by `1 / (1 - rate)`.
    case dropout(rate: Float)
    /// All elements of a sample as a vector, in row-major order over height, width, channels.
    case flatten
    /// The same elements in row-major order, as another shape.
    case reshape(Shape)
    /// Parameters: kernel `[in, units]`, then bias `[units]` if it has one.
    case dense(units: Int, useBias: Bool)

    public var isInput: Bool { if case .input = self { true } else { false } }

    /// What the operation computes in inference. Frozen normalizations compute it in training too.
    public var inInference: Operation {
        switch self {
        case .batchNormalization(var settings):
            settings.isFrozen = true
            return .batchNormalization(settings)
        case .dropout: return .dropout(rate: 0)
        default: return self
        }
    }
}
