import ComputeGraph
import Foundation
import Tensors

/// How gradients move weights. A value: its settings. What it remembers of each weight lies beside the weight, in
/// ``ParameterStorage``'s slots.
public protocol Optimizer: Described {
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
    /// What the config of Keras lacks: how the optimizer differs from that of Keras's other generation.
    var generation: [String: JSON] { get }
}

extension Optimizer {
    public var slotInitialValue: Float { 0 }

    public var described: JSON {
        JSON(
            className: Self.className,
            config: config.merging(generation) { _, new in new }
                .merging(["learning_rate": .number(learningRate)]) { _, new in new })
    }

    public var generation: [String: JSON] { [:] }

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
    /// Keras 3's `sqrt(a + epsilon)`; without it Keras 2's `sqrt(a) + epsilon`.
    public let isEpsilonUnderRoot: Bool

    public init(
        learningRate: Double = 0.001, initialAccumulatorValue: Double = 0.1, epsilon: Double = 1e-7, decay: Double = 0,
        isEpsilonUnderRoot: Bool = true
    ) {
        self.learningRate = learningRate
        self.initialAccumulatorValue = initialAccumulatorValue
        self.epsilon = epsilon
        self.decay = decay
        self.isEpsilonUnderRoot = isEpsilonUnderRoot
    }

    public var slotNames: [String] { ["accumulator"] }
    public var slotInitialValue: Float { Float(initialAccumulatorValue) }

    public func rule(iteration: Int) -> UpdateRule {
        .adagrad(
            learningRate: Float(decayed(learningRate, decay, iteration)), epsilon: Float(epsilon),
            isUnderRoot: isEpsilonUnderRoot)
    }

    public var generation: [String: JSON] { ["epsilon_under_root": .bool(isEpsilonUnderRoot)] }

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
    /// Keras 3's `sqrt(v + epsilon)`; without it Keras 2's `sqrt(v) + epsilon`.
    public let isEpsilonUnderRoot: Bool

    public init(
        learningRate: Double = 0.001, rho: Double = 0.9, epsilon: Double = 1e-7, decay: Double = 0,
        isEpsilonUnderRoot: Bool = true
    ) {
        self.learningRate = learningRate
        self.rho = rho
        self.epsilon = epsilon
        self.decay = decay
        self.isEpsilonUnderRoot = isEpsilonUnderRoot
    }

    public var slotNames: [String] { ["rms"] }

    public func rule(iteration: Int) -> UpdateRule {
        .rmsprop(
            learningRate: Float(decayed(learningRate, decay, iteration)), rho: Float(rho), epsilon: Float(epsilon),
            isUnderRoot: isEpsilonUnderRoot)
    }

    public var generation: [String: JSON] { ["epsilon_under_root": .bool(isEpsilonUnderRoot)] }

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

/// Adam with Nesterov's momentum (Dozat, 2016), whose `beta1` rises from half its value to all of it: in step t it is
/// `beta1 * (1 - 0.5 * 0.96^(t * scheduleDecay))`.
public struct Nadam: Optimizer {
    public static let className = "Nadam"
    public var learningRate: Double
    public let beta1: Double
    public let beta2: Double
    public let epsilon: Double
    /// 1 in Keras 3, `schedule_decay` in Keras 2, where it is 0.004 as in the paper.
    public let scheduleDecay: Double

    public init(
        learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7,
        scheduleDecay: Double = 1
    ) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.scheduleDecay = scheduleDecay
    }

    public var slotNames: [String] { ["m", "v"] }

    public func rule(iteration: Int) -> UpdateRule {
        let t = iteration + 1
        func moment(_ t: Int) -> Double { beta1(inStep: t, scheduleDecay) }
        // The product of the first moments is never stored, so that a step depends on nothing but its number.
        let product = momentumCache(iterations: t, scheduleDecay)
        return .nadam(
            learningRate: Float(learningRate), beta1: Float(beta1), beta2: Float(beta2), epsilon: Float(epsilon),
            momentScale: Float(moment(t + 1) / (1 - product * moment(t + 1))),
            gradientScale: Float((1 - moment(t)) / (1 - product)),
            varianceScale: Float(1 / (1 - pow(beta2, Double(t)))))
    }

    private func beta1(inStep t: Int, _ scheduleDecay: Double) -> Double {
        beta1 * (1 - 0.5 * pow(0.96, Double(t) * scheduleDecay))
    }

    /// The product of every step's `beta1` so far.
    private func momentumCache(iterations: Int, _ scheduleDecay: Double) -> Double {
        var product = 1.0
        for step in stride(from: 1, through: iterations, by: 1) {
            product *= beta1(inStep: step, scheduleDecay)
            // Below the smallest float it no longer matters.
            if product < 1e-45 { break }
        }
        return product
    }

    /// What Keras 2 keeps beside the slots. It goes on with its own schedule, whatever the file's was.
    func keras2MomentumCache(iterations: Int) -> Double {
        momentumCache(iterations: iterations, Self.keras2ScheduleDecay)
    }

    private static let keras2ScheduleDecay = 0.004

    public var generation: [String: JSON] { ["schedule_decay": .number(scheduleDecay)] }

    public var config: [String: JSON] {
        var entries: [String: JSON] = [
            "beta_1": .number(beta1), "beta_2": .number(beta2), "epsilon": .number(epsilon),
        ]
        // So Keras 2 calls it in files; Keras 3's have none.
        if scheduleDecay != 1 { entries["decay"] = .number(scheduleDecay) }
        return entries
    }
}

/// Keras 2's `decay`: the first step uses the rate unchanged.
private func decayed(_ learningRate: Double, _ decay: Double, _ iteration: Int) -> Double {
    learningRate / (1 + decay * Double(iteration))
}
