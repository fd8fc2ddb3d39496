/// One step of an optimizer for each element. Everything that depends on the step's number is already computed.
///
/// `g` is the gradient including the L2 term. The rules are Keras 3's. Keras 2 adds the epsilon of Adagrad and RMSprop
/// to the root, not under it.
public enum UpdateRule: Sendable, Equatable {
    /// `v = momentum * v - learningRate * g`, then `p += v`, or with Nesterov `p += momentum * v - learningRate * g`.
    /// One slot, none without momentum.
    case sgd(learningRate: Float, momentum: Float, nesterov: Bool)
    /// `a += g^2; p -= learningRate * g / sqrt(a + epsilon)`. One slot.
    case adagrad(learningRate: Float, epsilon: Float, isUnderRoot: Bool)
    /// `a = rho * a + (1 - rho) * g^2; d = g * sqrt(b + epsilon) / sqrt(a + epsilon); b = rho * b + (1 - rho) * d^2;
    /// p -= learningRate * d`. Two slots, `a` and `b`.
    case adadelta(learningRate: Float, rho: Float, epsilon: Float)
    /// `v = rho * v + (1 - rho) * g^2; p -= learningRate * g / sqrt(v + epsilon)`. One slot.
    case rmsprop(learningRate: Float, rho: Float, epsilon: Float, isUnderRoot: Bool)
    /// `p -= stepSize * m / (sqrt(v) + epsilon)`, with the bias correction in `stepSize`. Two slots, the moments `m` and
    /// `v`.
    case adam(stepSize: Float, beta1: Float, beta2: Float, epsilon: Float)
    /// `p -= learningRate * (momentScale * m + gradientScale * g) / (sqrt(v * varianceScale) + epsilon)`. Two slots.
    case nadam(
        learningRate: Float, beta1: Float, beta2: Float, epsilon: Float, momentScale: Float, gradientScale: Float,
        varianceScale: Float)

    /// The number of each parameter's slots that the step uses.
    public var slotCount: Int {
        switch self {
        case .sgd(_, let momentum, _): momentum == 0 ? 0 : 1
        case .adagrad, .rmsprop: 1
        case .adadelta, .adam, .nadam: 2
        }
    }
}
