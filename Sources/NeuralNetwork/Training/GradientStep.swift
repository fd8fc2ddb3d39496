import ComputeGraph
import Tensors

/// What happens to the gradients between the backward pass and the update: clipping, rates of each layer, inspection.
///
/// The gradients of penalties are included, as in Keras. Of several processes all do the same.
public protocol GradientStep: Described {
    /// Changes the gradients of a step.
    ///
    /// - Parameters:
    ///   - gradients: all of them, in one block; between them may be gaps, which are 0.
    ///   - ranges: the place of each trainable weight's gradient.
    ///   - weight: gives each of these weights, by its place in `ranges`.
    func apply(
        to gradients: UnsafeMutableBufferPointer<Float>, ranges: [Range<Int>], weight: (Int) -> Tensor)
}

/// Limits the gradients of a step, as the arguments of the same names of Keras's optimizers do.
public enum GradientClipping: GradientStep {
    /// Scales the gradient of each weight whose norm is larger, to this norm: `clipnorm`.
    case norm(Double)
    /// Limits every number of a gradient to plus or minus this value: `clipvalue`.
    case value(Double)
    /// Scales all gradients if their common norm is larger, to this norm: `global_clipnorm`.
    case globalNorm(Double)

    /// Changes the gradients.
    public func apply(
        to gradients: UnsafeMutableBufferPointer<Float>, ranges: [Range<Int>], weight: (Int) -> Tensor
    ) {
        func norm(_ range: Range<Int>) -> Double {
            gradients[range].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        }
        func scale(_ range: Range<Int>, from norm: Double, to limit: Double) {
            // A norm that is not a number spoils all that it scales, as in Keras.
            guard !(norm <= limit) else { return }
            let factor = Float(limit / norm)
            for i in range { gradients[i] *= factor }
        }
        switch self {
        case .norm(let limit):
            for range in ranges { scale(range, from: norm(range), to: limit) }
        case .value(let limit):
            let limit = Float(limit)
            for range in ranges {
                // Written so that NaN stays.
                for i in range {
                    gradients[i] = gradients[i] > limit ? limit : gradients[i] < -limit ? -limit : gradients[i]
                }
            }
        case .globalNorm(let limit):
            let common = ranges.reduce(0.0) { $0 + norm($1) * norm($1) }.squareRoot()
            for range in ranges { scale(range, from: common, to: limit) }
        }
    }

    /// Keras's name of the argument and its value.
    public var described: JSON {
        let (key, limit) = setting
        return JSON(className: "GradientClipping", config: [key: .number(limit)])
    }
}
