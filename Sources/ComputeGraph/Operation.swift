/// Height and width, in pixels or in steps.
public struct Size2D: Hashable, Sendable {
    public var height: Int
    public var width: Int

    public init(_ height: Int, _ width: Int) {
        self.height = height
        self.width = width
    }

    /// Number of positions.
    public var area: Int { height * width }
}

/// What happens where a window reaches over the border of its input, as in Keras.
public enum Padding: String, Hashable, Sendable {
    /// The output has `ceil(input / stride)` positions; what is missing is padded, the smaller half first.
    case same
    /// The window stays inside: `floor((input - kernel) / stride) + 1` positions.
    case valid
}

/// A window that slides over height and width: the geometry that convolution and pooling share.
public struct SlidingWindow: Hashable, Sendable {
    public var kernel: Size2D
    public var strides: Size2D
    public var padding: Padding

    public init(kernel: Size2D, strides: Size2D, padding: Padding) {
        self.kernel = kernel
        self.strides = strides
        self.padding = padding
    }

    /// Number of positions along each axis; not positive where the window does not fit.
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

    /// Rows and columns of padding before and after an input of this size.
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

/// What a node of a ``Graph`` computes. Shapes are those of samples in NHWC; semantics are Keras 3's.
public enum Operation: Hashable, Sendable {
    case input
    /// Cross-correlation. Parameters: kernel `[kh, kw, in, filters]`, then bias `[filters]` if it has one.
    case conv2D(SlidingWindow, filters: Int, useBias: Bool)
    /// Over the last axis. Parameters: gamma, beta, moving mean, moving variance, each `[channels]`.
    ///
    /// In training, batch statistics normalise (biased variance) and move the moving ones by `1 - momentum`; with
    /// `isFrozen`, and in inference, the moving statistics normalise and stay.
    case batchNormalization(epsilon: Float, momentum: Float, isFrozen: Bool)
    case activation(ActivationFunction)
    /// The padding never wins; on ties the gradient goes to the first maximum in row-major order.
    case maxPooling2D(SlidingWindow)
    /// The padding does not count in the divisor.
    case averagePooling2D(SlidingWindow)
    case globalAveragePooling2D
    /// `x / (bias + alpha * sum of squares over channels c - depthRadius ... c + depthRadius) ^ beta`.
    case localResponseNormalization(depthRadius: Int, bias: Float, alpha: Float, beta: Float)
    /// Along the last axis.
    case concatenate
    case add
    case zeroPadding2D(top: Int, bottom: Int, left: Int, right: Int)
    /// In training, zeroes a fraction `rate` of the elements and scales the others by `1 / (1 - rate)`.
    case dropout(rate: Float)
    /// Row major over height, width, channels.
    case flatten
    /// Parameters: kernel `[in, units]`, then bias `[units]` if it has one.
    case dense(units: Int, useBias: Bool)
}
