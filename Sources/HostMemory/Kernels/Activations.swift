import ComputeGraph
import Foundation
import Tensors

extension ActivationFunction {
    /// The kernel that applies the function.
    ///
    /// - Parameter shape: that of a batch.
    public func kernel(_ shape: Shape) -> any HostKernel {
        let count = shape.count
        return switch self {
        case .linear: Elementwise(Linear(), count: count)
        case .relu: Elementwise(ReLU(), count: count)
        case .sigmoid: Elementwise(Sigmoid(), count: count)
        case .tanh: Elementwise(Tanh(), count: count)
        case .softmax: Softmax(shape)
        case .logSoftmax: LogSoftmax(shape)
        case .rectifier(let maxValue, let negativeSlope, let threshold):
            Elementwise(
                Rectifier(maxValue: maxValue, negativeSlope: negativeSlope, threshold: threshold), count: count)
        case .elu(let alpha): Elementwise(ELU(alpha: alpha), count: count)
        case .selu: Elementwise(SELU(), count: count)
        case .celu(let alpha): Elementwise(CELU(alpha: alpha), count: count)
        case .silu: Elementwise(SiLU(), count: count)
        case .gelu(approximate: false): Elementwise(GELU(), count: count)
        case .gelu(approximate: true): Elementwise(ApproximateGELU(), count: count)
        case .mish: Elementwise(Mish(), count: count)
        case .softplus: Elementwise(Softplus(), count: count)
        case .softsign: Elementwise(Softsign(), count: count)
        case .exponential: Elementwise(Exponential(), count: count)
        case .hardSigmoid(let slope): Elementwise(HardSigmoid(slope: slope), count: count)
        case .hardSilu: Elementwise(HardSiLU(), count: count)
        }
    }
}

/// A function of a single number.
private protocol ElementwiseFunction: Sendable {
    func value(_ x: Float) -> Float
    /// The gradient of the input, from that of the output, the input and the output: whichever saves work.
    func gradient(_ dy: Float, x: Float, y: Float) -> Float

    // Required although no function has its own: so the compiler makes a loop for each function in this file. Otherwise
    // the function is called through a table for every element.
    /// `y = f(x)`.
    func apply(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ units: Range<Int>)
    /// `dx += gradient(dy, x, y)`.
    func addGradient(
        _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>,
        to dx: UnsafeMutablePointer<Float>, _ units: Range<Int>)
}

extension ElementwiseFunction {
    func apply(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ units: Range<Int>) {
        for i in units { y[i] = value(x[i]) }
    }

    func addGradient(
        _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>,
        to dx: UnsafeMutablePointer<Float>, _ units: Range<Int>
    ) {
        for i in units { dx[i] += gradient(dy[i], x: x[i], y: y[i]) }
    }
}

/// Applies a function to every element.
private struct Elementwise: HostKernel {
    let function: any ElementwiseFunction
    /// The number of elements.
    let units: Int
    /// A function has few instructions, for which small slices are not worth a thread.
    let grain = 4096

    init(_ function: any ElementwiseFunction, count: Int) {
        self.function = function
        units = count
    }

    func forward(_ values: HostValues, units: Range<Int>) { function.apply(values.inputs[0], values.output, units) }

    func addInputGradients(_ values: HostValues, _ gradients: HostGradients, units: Range<Int>) {
        guard let dx = gradients.inputs[0] else { return }
        function.addGradient(gradients.output, values.inputs[0], values.output, to: dx, units)
    }
}

// MARK: - The functions

// NaN stays NaN in all of them, so comparisons are written accordingly.

private struct Linear: ElementwiseFunction {
    func value(_ x: Float) -> Float { x }
    func gradient(_ dy: Float, x: Float, y: Float) -> Float { dy }
}

private struct ReLU: ElementwiseFunction {
    func value(_ x: Float) -> Float { x < 0 ? 0 : x }
    func gradient(_ dy: Float, x: Float, y: Float) -> Float { x > 0 ? dy : 0 }
}

private struct Sigmoid: ElementwiseFunction {
    func value(_ x: Float) -> Float { sigmoid(x) }
    func gradient(_ dy: Float, x: Float, y: Float) -> Float { dy * y * (1 - y) }
}

private func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }

private struct Tanh: ElementwiseFunction {
    func value(_ x: Float) -> Float { tanh(x) }
    func gradient(_ dy: Float, x: Float, y: Float) -> Float { dy * (1 - y * y) }
}

private struct Rectifier: ElementwiseFunction {
    let maxValue, negativeSlope, threshold: Float
    /// The slope at the threshold.
    let slopeAtThreshold: Float

    init(maxValue: Float?, negativeSlope: Float, threshold: Float) {
        self.maxValue = maxValue ?? .infinity
        self.negativeSlope = negativeSlope
        self.threshold = threshold
        slopeAtThreshold = maxValue == nil && threshold == 0 ? negativeSlope : 0
    }

    func value(_ x: Float) -> Float {
        if x > threshold { return x > maxValue ? maxValue : x }
        // Without a slope, minus infinity becomes 0.
        if x <= threshold { return negativeSlope == 0 ? 0 : negativeSlope * (x - threshold) }
        return x
    }

    func gradient(_ dy: Float, x: Float, y: Float) -> Float {
        if x > threshold { return x < maxValue ? dy : 0 }
        return dy * (x == threshold ? slopeAtThreshold : negativeSlope)
    }
}

private struct ELU: ElementwiseFunction {
    let alpha: Float
    func value(_ x: Float) -> Float { x > 0 ? x : alpha * expm1(x) }
    func gradient(_ dy: Float, x: Float, y: Float) -> Float { x > 0 ? dy : dy * (y + alpha) }
}

private struct SELU: ElementwiseFunction {
    private let scale: Float = 1.0507009873554805
    /// The scale times the ELU's alpha, 1.6732632423543773.
    private let scaledAlpha: Float = 1.7580993408473768
    func value(_ x: Float) -> Float { x < 0 ? scaledAlpha * expm1(x) : scale * x }
    func gradient(_ dy: Float, x: Float, y: Float) -> Float { x < 0 ? dy * (y + scaledAlpha) : dy * scale }
}

private struct CELU: ElementwiseFunction {
    let alpha: Float
    func value(_ x: Float) -> Float { x > 0 ? x : alpha * expm1(x / alpha) }
    func gradient(_ dy: Float, x: Float, y: Float) -> Float { x > 0 ? dy : dy * (y / alpha + 1) }
}

private struct SiLU: ElementwiseFunction {
    func value(_ x: Float) -> Float { x / (1 + exp(-x)) }
    func gradient(_ dy: Float, x: Float, y: Float) -> Float {
        let s = sigmoid(x)
        return dy * s * (1 + x * (1 - s))
    }
}

private struct GELU: ElementwiseFunction {
    func value(_ x: Float) -> Float { x * probability(x) }
    func gradient(_ dy: Float, x: Float, y: Float) -> Float {
        let density = exp(-x * x / 2) * 0.3989422804014327  // 1 / sqrt(2 pi)
        return dy * (probability(x) + x * density)
    }

    /// That a normal number is less than `x`.
    private func probability(_ x: Float) -> Float { erfc(-x * 0.7071067811865476) / 2 }
}

private struct ApproximateGELU: ElementwiseFunction {
    private let cubic: Float = 0.044715
    private let factor: Float = 0.7978845608028654  // sqrt(2 / pi)

    func value(_ x: Float) -> Float { x / 2 * (1 + tanh(factor * (x + cubic * x * x * x))) }
    func gradient(_ dy: Float, x: Float, y: Float) -> Float {
        let t = tanh(factor * (x + cubic * x * x * x))
        return dy * ((1 + t) / 2 + x / 2 * (1 - t * t) * factor * (1 + 3 * cubic * x * x))
    }
}

private struct Mish: ElementwiseFunction {
    func value(_ x: Float) -> Float { x * tanh(softplus(x)) }
    func gradient(_ dy: Float, x: Float, y: Float) -> Float {
        let t = tanh(softplus(x))
        return dy * (t + x * (1 - t * t) * sigmoid(x))
    }
}

private struct Softplus: ElementwiseFunction {
    func value(_ x: Float) -> Float { softplus(x) }
    func gradient(_ dy: Float, x: Float, y: Float) -> Float { dy * sigmoid(x) }
}

/// Written so that `exp` does not overflow.
private func softplus(_ x: Float) -> Float { (x < 0 ? 0 : x) + log1p(exp(-abs(x))) }

private struct Softsign: ElementwiseFunction {
    func value(_ x: Float) -> Float { x / (1 + abs(x)) }
    func gradient(_ dy: Float, x: Float, y: Float) -> Float {
        let denominator = 1 + abs(x)
        return dy / (denominator * denominator)
    }
}

private struct Exponential: ElementwiseFunction {
    func value(_ x: Float) -> Float { exp(x) }
    func gradient(_ dy: Float, x: Float, y: Float) -> Float { dy * y }
}

private struct HardSigmoid: ElementwiseFunction {
    let slope: Float
    func value(_ x: Float) -> Float {
        let z = slope * x + 0.5
        return z < 0 ? 0 : z > 1 ? 1 : z
    }
    func gradient(_ dy: Float, x: Float, y: Float) -> Float { y > 0 && y < 1 ? dy * slope : 0 }
}

private struct HardSiLU: ElementwiseFunction {
    private let gate = HardSigmoid(slope: 1 / 6)
    func value(_ x: Float) -> Float { x * gate.value(x) }
    func gradient(_ dy: Float, x: Float, y: Float) -> Float {
        let h = gate.value(x)
        return dy * h + x * gate.gradient(dy, x: x, y: h)
    }
}
