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

    public init(kernel: Size2D, strides: Size2D, padding: Padding) {
        self.kernel = kernel
        self.strides = strides
        self.padding = padding
    }

    /// The number of positions along each axis, which is not positive if the window does not fit.
    public func output(for input: Size2D) -> Size2D {
        func positions(_ input: Int, _ kernel: Int, _ stride: Int) -> Int {
            switch padding {
            case .same: (input + stride - 1) / stride
            case .valid: input < kernel ? 0 : (input - kernel) / stride + 1
            }
        }
        return Size2D(
            positions(input.height, kernel.height, strides.height), positions(input.width, kernel.width, strides.width))
    }

    /// The rows and columns of padding before and after an input of this size.
    public func paddings(for input: Size2D) -> (leading: Size2D, trailing: Size2D) {
        guard padding == .same else { return (Size2D(0, 0), Size2D(0, 0)) }
        let output = output(for: input)
        func total(_ output: Int, _ stride: Int, _ kernel: Int, _ input: Int) -> Int {
            max((output - 1) * stride + kernel - input, 0)
        }
        let rows = total(output.height, strides.height, kernel.height, input.height)
        let columns = total(output.width, strides.width, kernel.width, input.width)
        return (Size2D(rows / 2, columns / 2), Size2D(rows - rows / 2, columns - columns / 2))
    }
}

/// A function applied to every element, or, for softmax, along the last axis.
public enum ActivationFunction: Hashable, Sendable {
    case linear, relu, sigmoid, tanh, softmax
    /// `x` above zero, `alpha * (exp(x) - 1)` elsewhere.
    case elu(alpha: Float)
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

/// The computation of a node in a ``Graph``. Shapes are those of samples in NHWC, and semantics are Keras 3's.
///
/// An operation says its output's shape and its parameters' shapes (`Shapes.swift`); nothing else repeats them.
public enum Operation: Hashable, Sendable {
    case input(Shape)
    /// Cross-correlation. Parameters: kernel `[kh, kw, in, filters]`, then bias `[filters]` if it has one.
    case conv2D(SlidingWindow, filters: Int, useBias: Bool)
    /// Normalizes each channel (last axis). Parameters: gamma and beta if it has them, moving mean, moving variance,
    /// each `[channels]`.
    ///
    /// Training uses batch statistics (biased variance) and moves the moving statistics by `1 - momentum`.
    case batchNormalization(NormalizationSettings)
    case activation(ActivationFunction)
    /// The largest element of each window, never the padding. On ties, the gradient goes to the first maximum in
    /// row-major order.
    case maxPooling2D(SlidingWindow)
    /// The mean of each window. The divisor does not count the padding.
    case averagePooling2D(SlidingWindow)
    case globalAveragePooling2D
    /// `x / (bias + alpha * sum of squares over channels c - depthRadius ... c + depthRadius) ^ beta`.
    case localResponseNormalization(depthRadius: Int, bias: Float, alpha: Float, beta: Float)
    /// The inputs side by side along the last axis.
    case concatenate
    case add
    case zeroPadding2D(top: Int, bottom: Int, left: Int, right: Int)
    /// In training, zeroes a fraction `rate` of the elements and scales the others by `1 / (1 - rate)`.
    case dropout(rate: Float)
    /// All elements of a sample as a vector, in row-major order over height, width, channels.
    case flatten
    /// Parameters: kernel `[in, units]`, then bias `[units]` if it has one.
    case dense(units: Int, useBias: Bool)

    public var isInput: Bool { if case .input = self { true } else { false } }

    /// The operation as inference computes it, for a layer that training must not change.
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
