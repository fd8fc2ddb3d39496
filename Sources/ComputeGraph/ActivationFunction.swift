/// A function of every element. The two kinds of softmax are functions of the last axis.
public enum ActivationFunction: Hashable, Sendable {
    case linear, relu, sigmoid, tanh
    /// `exp(x) / sum(exp(x))`, and its logarithm.
    case softmax, logSoftmax
    /// `x` above `threshold`, but at most `maxValue`; `negativeSlope * (x - threshold)` below: Keras's layer `ReLU`.
    ///
    /// The slope at the threshold is 0, but `negativeSlope` if there is neither a threshold nor a largest value. From
    /// `maxValue` on it is 0.
    case rectifier(maxValue: Float?, negativeSlope: Float, threshold: Float)
    /// `x` above zero, `alpha * (exp(x) - 1)` elsewhere. The slope at 0 is `alpha`.
    case elu(alpha: Float)
    /// An ELU whose two parts are scaled, so that normalized values stay normalized (Klambauer et al., 2017). The slope
    /// at 0 is that above it.
    case selu
    /// `x` above zero, `alpha * (exp(x / alpha) - 1)` elsewhere.
    case celu(alpha: Float)
    /// `x * sigmoid(x)`, also called swish.
    case silu
    /// `x` times the probability that a normal number is less than `x`, or an approximation of that by a tanh.
    case gelu(approximate: Bool)
    /// `x * tanh(softplus(x))`.
    case mish
    /// `ln(1 + exp(x))`.
    case softplus
    /// `x / (1 + |x|)`.
    case softsign
    /// `exp(x)`.
    case exponential
    /// `slope * x + 0.5`, but from 0 to 1. The slope is 1/6 in Keras 3, 0.2 in Keras 2.
    case hardSigmoid(slope: Float)
    /// `x` times its hard sigmoid of Keras 3.
    case hardSilu

    /// A ReLU that is 6 at most.
    public static let relu6 = rectifier(maxValue: 6, negativeSlope: 0, threshold: 0)

    /// A ReLU that falls below zero with `negativeSlope`, which is also its slope at 0.
    public static func leakyReLU(negativeSlope: Float) -> ActivationFunction {
        rectifier(maxValue: nil, negativeSlope: negativeSlope, threshold: 0)
    }

    /// What is wrong with the function's settings; `nil` if nothing is.
    var fault: String? {
        switch self {
        case .elu(let alpha): alpha.isFinite ? nil : "alpha must be finite, not \(alpha)"
        case .celu(let alpha): alpha > 0 && alpha.isFinite ? nil : "alpha must be positive and finite, not \(alpha)"
        case .rectifier(let maxValue, let negativeSlope, let threshold):
            [maxValue ?? 0, negativeSlope, threshold].allSatisfy { $0 >= 0 && $0.isFinite }
                ? nil
                : "largest value \(maxValue ?? 0), negative slope \(negativeSlope) and threshold \(threshold) must be 0 or "
                    + "more"
        case .hardSigmoid(let slope):
            slope > 0 && slope.isFinite ? nil : "the slope must be positive and finite, not \(slope)"
        case .linear, .relu, .sigmoid, .tanh, .softmax, .logSoftmax, .selu, .silu, .gelu, .mish, .softplus, .softsign,
            .exponential, .hardSilu:
            nil
        }
    }
}
