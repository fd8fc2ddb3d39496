import ComputeGraph
import Foundation
import Tensors

/// How gradients move weights. A value: its settings. What it remembers of each weight lies beside the weight, in
/// ``ParameterStorage``'s slots.
public protocol Optimizer: Sendable {
    static var className: String { get }
    /// The rate of the next steps; schedules and callbacks set it.
    var learningRate: Double { get set }
    /// What it remembers of each weight, by the names of Keras 2's files, and what these slots begin with.
    var slotNames: [String] { get }
    var slotInitialValue: Float { get }
    /// The update of step `iteration`, counted from 0.
    func rule(iteration: Int) -> UpdateRule
    /// Keras's `get_config`, without what all optimizers share.
    var config: [String: JSON] { get }
}

extension Optimizer {
    public var slotInitialValue: Float { 0 }

    func makeSlots(in parameters: any ParameterStorage) {
        parameters.makeSlots(count: slotNames.count, value: slotInitialValue)
    }
}

/// Stochastic gradient descent, with momentum, Nesterov's form of it, and Keras 2's decay over time:
/// `learningRate / (1 + decay * iteration)`.
public struct SGD: Optimizer {
    public static let className = "SGD"
    public var learningRate: Double
    public let momentum: Double
    public let nesterov: Bool
    public let decay: Double

    public init(learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false, decay: Double = 0) {
        self.learningRate = learningRate
        self.momentum = momentum
        self.nesterov = nesterov
        self.decay = decay
    }

    public var slotNames: [String] { momentum == 0 ? [] : ["momentum"] }

    public func rule(iteration: Int) -> UpdateRule {
        .sgd(
            learningRate: Float(decayed(learningRate, decay, iteration)), momentum: Float(momentum), nesterov: nesterov)
    }

    public var config: [String: JSON] {
        ["decay": .number(decay), "momentum": .number(momentum), "nesterov": .bool(nesterov)]
    }
}

/// Divides by the root of the sum of all squared gradients so far (Duchi et al., 2011).
public struct Adagrad: Optimizer {
    public static let className = "Adagrad"
    public var learningRate: Double
    public let initialAccumulatorValue: Double
    public let epsilon: Double
    public let decay: Double

    public init(
        learningRate: Double = 0.001, initialAccumulatorValue: Double = 0.1, epsilon: Double = 1e-7, decay: Double = 0
    ) {
        self.learningRate = learningRate
        self.initialAccumulatorValue = initialAccumulatorValue
        self.epsilon = epsilon
        self.decay = decay
    }

    public var slotNames: [String] { ["accumulator"] }
    public var slotInitialValue: Float { Float(initialAccumulatorValue) }

    public func rule(iteration: Int) -> UpdateRule {
        .adagrad(learningRate: Float(decayed(learningRate, decay, iteration)), epsilon: Float(epsilon))
    }

    public var config: [String: JSON] {
        [
            "decay": .number(decay), "initial_accumulator_value": .number(initialAccumulatorValue),
            "epsilon": .number(epsilon),
        ]
    }
}

/// Adagrad over a moving window, in units of the weights themselves (Zeiler, 2012).
public struct Adadelta: Optimizer {
    public static let className = "Adadelta"
    public var learningRate: Double
    public let rho: Double
    public let epsilon: Double
    public let decay: Double

    public init(learningRate: Double = 0.001, rho: Double = 0.95, epsilon: Double = 1e-7, decay: Double = 0) {
        self.learningRate = learningRate
        self.rho = rho
        self.epsilon = epsilon
        self.decay = decay
    }

    public var slotNames: [String] { ["accum_grad", "accum_var"] }

    public func rule(iteration: Int) -> UpdateRule {
        .adadelta(
            learningRate: Float(decayed(learningRate, decay, iteration)), rho: Float(rho), epsilon: Float(epsilon))
    }

    public var config: [String: JSON] {
        ["decay": .number(decay), "rho": .number(rho), "epsilon": .number(epsilon)]
    }
}

/// Divides by a moving root mean square of the gradient (Tieleman and Hinton, 2012).
public struct RMSprop: Optimizer {
    public static let className = "RMSprop"
    public var learningRate: Double
    public let rho: Double
    public let epsilon: Double
    public let decay: Double

    public init(learningRate: Double = 0.001, rho: Double = 0.9, epsilon: Double = 1e-7, decay: Double = 0) {
        self.learningRate = learningRate
        self.rho = rho
        self.epsilon = epsilon
        self.decay = decay
    }

    public var slotNames: [String] { ["rms"] }

    public func rule(iteration: Int) -> UpdateRule {
        .rmsprop(
            learningRate: Float(decayed(learningRate, decay, iteration)), rho: Float(rho), epsilon: Float(epsilon))
    }

    public var config: [String: JSON] {
        [
            "decay": .number(decay), "rho": .number(rho), "momentum": 0, "epsilon": .number(epsilon),
            "centered": false,
        ]
    }
}

/// Moving averages of the gradient and of its square, corrected for their beginning at zero (Kingma and Ba, 2014).
public struct Adam: Optimizer {
    public static let className = "Adam"
    public var learningRate: Double
    public let beta1: Double
    public let beta2: Double
    public let epsilon: Double
    public let decay: Double

    public init(
        learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7,
        decay: Double = 0
    ) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.decay = decay
    }

    public var slotNames: [String] { ["m", "v"] }

    public func rule(iteration: Int) -> UpdateRule {
        let t = Double(iteration + 1)
        let correction = (1 - pow(beta2, t)).squareRoot() / (1 - pow(beta1, t))
        return .adam(
            stepSize: Float(decayed(learningRate, decay, iteration) * correction), beta1: Float(beta1),
            beta2: Float(beta2), epsilon: Float(epsilon))
    }

    public var config: [String: JSON] {
        [
            "decay": .number(decay), "beta_1": .number(beta1), "beta_2": .number(beta2), "epsilon": .number(epsilon),
            "amsgrad": false,
        ]
    }
}

/// Adam with Nesterov's momentum (Dozat, 2016).
public struct Nadam: Optimizer {
    public static let className = "Nadam"
    public var learningRate: Double
    public let beta1: Double
    public let beta2: Double
    public let epsilon: Double

    public init(learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
    }

    public var slotNames: [String] { ["m", "v"] }

    public func rule(iteration: Int) -> UpdateRule {
        let t = iteration + 1
        func moment(_ t: Int) -> Double { beta1 * (1 - 0.5 * pow(0.96, Double(t))) }
        // The product of u_1 ... u_t is never stored, so that a step depends on nothing but its number. Below the
        // smallest float it no longer matters.
        var product = 1.0
        for step in 1...t {
            product *= moment(step)
            if product < 1e-45 { break }
        }
        return .nadam(
            learningRate: Float(learningRate), beta1: Float(beta1), beta2: Float(beta2), epsilon: Float(epsilon),
            momentScale: Float(moment(t + 1) / (1 - product * moment(t + 1))),
            gradientScale: Float((1 - moment(t)) / (1 - product)),
            varianceScale: Float(1 / (1 - pow(beta2, Double(t)))))
    }

    /// What Keras 2 keeps beside the slots: the product of its moments so far. Its schedule falls 250 times more
    /// slowly than Keras 3's, which is the one followed here; ours follows from the step alone and is not kept.
    func keras2MomentumCache(iterations: Int) -> Double {
        var product = 1.0
        for step in stride(from: 1, through: iterations, by: 1) {
            product *= beta1 * (1 - 0.5 * pow(0.96, 0.004 * Double(step)))
            if product < 1e-45 { break }
        }
        return product
    }

    public var config: [String: JSON] {
        ["beta_1": .number(beta1), "beta_2": .number(beta2), "epsilon": .number(epsilon)]
    }
}

/// Keras 2's `decay`: the first step uses the rate unchanged.
private func decayed(_ learningRate: Double, _ decay: Double, _ iteration: Int) -> Double {
    learningRate / (1 + decay * Double(iteration))
}
