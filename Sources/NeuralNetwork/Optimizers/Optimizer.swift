import ComputeGraph
import Foundation
import Tensors

/// An update rule of the weights, with its settings. Its state for each weight is stored beside the weight, in slots of
/// the backend's `ParameterStorage`.
public protocol Optimizer: Described {
    /// Keras's name of the class.
    static var className: String { get }
    /// The learning rate of the next steps; schedules and callbacks set it.
    var learningRate: Double { get set }
    /// The names of the state's arrays, one for each weight, as Keras 2's files have them: `m` and `v`.
    var slotNames: [String] { get }
    /// The initial value of all slots.
    var slotInitialValue: Float { get }
    /// The update of a step.
    ///
    /// - Parameters:
    ///   - iteration: the number of updates before.
    ///   - step: the number of training steps before, by which a `decay` goes; more than updates if several steps make one.
    func rule(iteration: Int, step: Int) -> UpdateRule
    /// Keras's `get_config`, without name and learning rate.
    var config: [String: JSON] { get }
    /// The settings that Keras's config lacks: how the optimizer differs from that of Keras's other generation.
    var generation: [String: JSON] { get }
}

extension Optimizer {
    /// The update of a step, counted from 0, if every step makes one.
    public func rule(iteration: Int) -> UpdateRule { rule(iteration: iteration, step: iteration) }

    /// 0.
    public var slotInitialValue: Float { 0 }

    /// Class, settings and current learning rate.
    public var described: JSON {
        JSON(
            className: Self.className,
            config: config.merging(generation) { _, new in new }
                .merging(["learning_rate": .number(learningRate)]) { _, new in new })
    }

    /// Nothing: both generations of Keras make the same step.
    public var generation: [String: JSON] { [:] }

    func makeSlots(in parameters: any ParameterStorage) {
        parameters.makeSlots(count: slotNames.count, value: slotInitialValue)
    }
}

/// Stochastic gradient descent, with momentum and Nesterov's form of it. Keras's `SGD`.
///
/// Without momentum `w -= learningRate * g`; with it `v = momentum * v - learningRate * g; w += v`.
public struct SGD: Optimizer {
    /// The class's name in Keras's files.
    public static let className = "SGD"
    /// The learning rate of the next steps.
    public var learningRate: Double
    /// The share of the last step that the next one keeps, from 0 to 1.
    public let momentum: Double
    /// Whether the gradient is taken as if the momentum had already moved the weights.
    public let nesterov: Bool
    /// Keras 2's decay: the rate of step t is `learningRate / (1 + decay * t)`.
    public let decay: Double

    /// The defaults are Keras's.
    ///
    /// - Parameters:
    ///   - learningRate: of the first steps.
    ///   - momentum: the share of the last step that the next one keeps, from 0 to 1.
    ///   - nesterov: whether momentum is Nesterov's.
    ///   - decay: Keras 2's decay; 0 for none.
    public init(learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false, decay: Double = 0) {
        self.learningRate = learningRate
        self.momentum = momentum
        self.nesterov = nesterov
        self.decay = decay
    }

    /// `momentum`, if there is one.
    public var slotNames: [String] { momentum == 0 ? [] : ["momentum"] }

    /// The update after so many others, in this step; both are counted from 0.
    public func rule(iteration: Int, step: Int) -> UpdateRule {
        let step = constant(decayed(learningRate, decay, step)) * .gradient
        var rule = UpdateRule()
        guard momentum != 0 else {
            rule.set(.weight, to: .weight - step)
            return rule
        }
        rule.set(.slot(0), to: constant(momentum) * .slot(0) - step)
        rule.set(.weight, to: .weight + (nesterov ? constant(momentum) * .slot(0) - step : .slot(0)))
        return rule
    }

    /// Keras 2's settings.
    public var config: [String: JSON] {
        ["decay": .number(decay), "momentum": .number(momentum), "nesterov": .bool(nesterov)]
    }
}

/// Divides by the root of the sum of all squared gradients so far (Duchi et al., 2011). Keras's `Adagrad`.
public struct Adagrad: Optimizer {
    /// The class's name in Keras's files.
    public static let className = "Adagrad"
    /// The learning rate of the next steps.
    public var learningRate: Double
    /// The initial value of every sum; 0 or more.
    public let initialAccumulatorValue: Double
    /// Keeps the division finite.
    public let epsilon: Double
    /// Keras 2's decay: the rate of step t is `learningRate / (1 + decay * t)`.
    public let decay: Double
    /// Whether to divide by Keras 3's `sqrt(a + epsilon)` rather than by Keras 2's `sqrt(a) + epsilon`.
    public let isEpsilonUnderRoot: Bool

    /// The defaults are Keras 3's. Keras 2.2 has a rate of 0.01 and an initial value of 0.
    ///
    /// - Parameters:
    ///   - learningRate: of the first steps.
    ///   - initialAccumulatorValue: the initial value of every sum; 0 or more.
    ///   - epsilon: keeps the division finite.
    ///   - decay: Keras 2's decay; 0 for none.
    ///   - isEpsilonUnderRoot: whether epsilon is added under the root, as in Keras 3.
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

    /// `accumulator`.
    public var slotNames: [String] { ["accumulator"] }
    /// The initial value of every sum.
    public var slotInitialValue: Float { Float(initialAccumulatorValue) }

    /// The update after so many others, in this step; both are counted from 0.
    public func rule(iteration: Int, step: Int) -> UpdateRule {
        let rate = constant(decayed(learningRate, decay, step))
        var rule = UpdateRule()
        rule.set(.slot(0), to: .slot(0) + .gradient * .gradient)
        rule.set(.weight, to: .weight - rate * .gradient / root(of: .slot(0), epsilon, isEpsilonUnderRoot))
        return rule
    }

    /// Whether epsilon is added under the root.
    public var generation: [String: JSON] { ["epsilon_under_root": .bool(isEpsilonUnderRoot)] }

    /// Keras's settings.
    public var config: [String: JSON] {
        [
            "decay": .number(decay), "initial_accumulator_value": .number(initialAccumulatorValue),
            "epsilon": .number(epsilon),
        ]
    }
}

/// Adagrad over a moving window, in units of the weights (Zeiler, 2012). Keras's `Adadelta`.
public struct Adadelta: Optimizer {
    /// The class's name in Keras's files.
    public static let className = "Adadelta"
    /// The learning rate of the next steps; the paper's is 1.
    public var learningRate: Double
    /// How much of the moving averages a step keeps, from 0 to 1.
    public let rho: Double
    /// Keeps the division finite.
    public let epsilon: Double
    /// Keras 2's decay: the rate of step t is `learningRate / (1 + decay * t)`.
    public let decay: Double

    /// The defaults are Keras 3's.
    ///
    /// - Parameters:
    ///   - learningRate: of the first steps; the paper's is 1.
    ///   - rho: how much of the moving averages a step keeps, from 0 to 1.
    ///   - epsilon: keeps the division finite.
    ///   - decay: Keras 2's decay; 0 for none.
    public init(learningRate: Double = 0.001, rho: Double = 0.95, epsilon: Double = 1e-7, decay: Double = 0) {
        self.learningRate = learningRate
        self.rho = rho
        self.epsilon = epsilon
        self.decay = decay
    }

    /// `accum_grad` and `accum_var`.
    public var slotNames: [String] { ["accum_grad", "accum_var"] }

    /// The update after so many others, in this step; both are counted from 0.
    public func rule(iteration: Int, step: Int) -> UpdateRule {
        let rate = constant(decayed(learningRate, decay, step))
        let rest = constant(1 - rho)
        let (gradients, deltas) = (UpdateRule.Expression.slot(0), UpdateRule.Expression.slot(1))
        var rule = UpdateRule()
        rule.set(.slot(0), to: constant(rho) * gradients + rest * .gradient * .gradient)
        let delta = .gradient * root(of: deltas, epsilon, true) / root(of: gradients, epsilon, true)
        rule.set(.weight, to: .weight - rate * delta)
        rule.set(.slot(1), to: constant(rho) * deltas + rest * delta * delta)
        return rule
    }

    /// Keras's settings.
    public var config: [String: JSON] {
        ["decay": .number(decay), "rho": .number(rho), "epsilon": .number(epsilon)]
    }
}

/// Divides by a moving root mean square of the gradient (Tieleman and Hinton, 2012). Keras's `RMSprop`, without
/// momentum and not centered.
public struct RMSprop: Optimizer {
    /// The class's name in Keras's files.
    public static let className = "RMSprop"
    /// The learning rate of the next steps.
    public var learningRate: Double
    /// How much of the moving average a step keeps, from 0 to 1.
    public let rho: Double
    /// Keeps the division finite.
    public let epsilon: Double
    /// Keras 2's decay: the rate of step t is `learningRate / (1 + decay * t)`.
    public let decay: Double
    /// Whether to divide by Keras 3's `sqrt(v + epsilon)` rather than by Keras 2's `sqrt(v) + epsilon`.
    public let isEpsilonUnderRoot: Bool

    /// The defaults are Keras's.
    ///
    /// - Parameters:
    ///   - learningRate: of the first steps.
    ///   - rho: how much of the moving average a step keeps, from 0 to 1.
    ///   - epsilon: keeps the division finite.
    ///   - decay: Keras 2's decay; 0 for none.
    ///   - isEpsilonUnderRoot: whether epsilon is added under the root, as in Keras 3.
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

    /// `rms`.
    public var slotNames: [String] { ["rms"] }

    /// The update after so many others, in this step; both are counted from 0.
    public func rule(iteration: Int, step: Int) -> UpdateRule {
        let rate = constant(decayed(learningRate, decay, step))
        var rule = UpdateRule()
        rule.set(.slot(0), to: constant(rho) * .slot(0) + constant(1 - rho) * .gradient * .gradient)
        rule.set(.weight, to: .weight - rate * .gradient / root(of: .slot(0), epsilon, isEpsilonUnderRoot))
        return rule
    }

    /// Whether epsilon is added under the root.
    public var generation: [String: JSON] { ["epsilon_under_root": .bool(isEpsilonUnderRoot)] }

    /// Keras's settings.
    public var config: [String: JSON] {
        [
            "decay": .number(decay), "rho": .number(rho), "momentum": 0, "epsilon": .number(epsilon),
            "centered": false,
        ]
    }
}

/// Moving averages of the gradient and of its square, corrected for their start at zero (Kingma and Ba, 2014). Keras's
/// `Adam`, without AMSGrad.
public struct Adam: Optimizer {
    /// The class's name in Keras's files.
    public static let className = "Adam"
    /// The learning rate of the next steps.
    public var learningRate: Double
    /// How much of the gradient's average a step keeps, from 0 to 1.
    public let beta1: Double
    /// How much of the squared gradient's average a step keeps, from 0 to 1.
    public let beta2: Double
    /// Keeps the division finite.
    public let epsilon: Double
    /// Keras 2's decay: the rate of step t is `learningRate / (1 + decay * t)`.
    public let decay: Double

    /// The defaults are Keras's.
    ///
    /// - Parameters:
    ///   - learningRate: of the first steps.
    ///   - beta1: how much of the gradient's average a step keeps, from 0 to 1.
    ///   - beta2: how much of the squared gradient's average a step keeps, from 0 to 1.
    ///   - epsilon: keeps the division finite.
    ///   - decay: Keras 2's decay; 0 for none.
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

    /// `m` and `v`.
    public var slotNames: [String] { ["m", "v"] }

    /// The update after so many others, in this step; both are counted from 0.
    public func rule(iteration: Int, step: Int) -> UpdateRule {
        let t = Double(iteration + 1)
        let correction = (1 - pow(beta2, t)).squareRoot() / (1 - pow(beta1, t))
        let rate = constant(decayed(learningRate, decay, step) * correction)
        var rule = UpdateRule()
        rule.setMoments(constant(1 - beta1), constant(1 - beta2))
        rule.set(.weight, to: .weight - rate * .slot(0) / (.squareRoot(.slot(1)) + constant(epsilon)))
        return rule
    }

    /// Keras's settings.
    public var config: [String: JSON] {
        [
            "decay": .number(decay), "beta_1": .number(beta1), "beta_2": .number(beta2), "epsilon": .number(epsilon),
            "amsgrad": false,
        ]
    }
}

/// Adam with Nesterov's momentum (Dozat, 2016). Its beta1 rises from half its value to the full one: in step t it is
/// `beta1 * (1 - 0.5 * 0.96^(t * scheduleDecay))`. Keras's `Nadam`.
public struct Nadam: Optimizer {
    /// The class's name in Keras's files.
    public static let className = "Nadam"
    /// The learning rate of the next steps.
    public var learningRate: Double
    /// How much of the gradient's average a late step keeps, from 0 to 1.
    public let beta1: Double
    /// How much of the squared gradient's average a step keeps, from 0 to 1.
    public let beta2: Double
    /// Keeps the division finite.
    public let epsilon: Double
    /// How fast beta1 rises: 1 in Keras 3; 0.004 in Keras 2 (its `schedule_decay`), as in the paper.
    public let scheduleDecay: Double

    /// The defaults are Keras 3's. Keras 2.2 has a rate of 0.002 and a schedule decay of 0.004.
    ///
    /// - Parameters:
    ///   - learningRate: of the first steps.
    ///   - beta1: how much of the gradient's average a late step keeps, from 0 to 1.
    ///   - beta2: how much of the squared gradient's average a step keeps, from 0 to 1.
    ///   - epsilon: keeps the division finite.
    ///   - scheduleDecay: how fast beta1 rises.
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

    /// `m` and `v`.
    public var slotNames: [String] { ["m", "v"] }

    /// The update after so many others, in this step; both are counted from 0.
    public func rule(iteration: Int, step: Int) -> UpdateRule {
        let t = iteration + 1
        func beta(_ t: Int) -> Double { beta1(inStep: t, scheduleDecay) }
        // The product of all beta1 is computed in every step, not stored: a step depends on its number only.
        let product = momentumCache(iterations: t, scheduleDecay)
        var rule = UpdateRule()
        // Keras rounds these betas first.
        rule.setMoments(.constant(1 - Float(beta1)), .constant(1 - Float(beta2)))
        let moment =
            constant(beta(t + 1) / (1 - product * beta(t + 1))) * .slot(0)
            + constant((1 - beta(t)) / (1 - product)) * .gradient
        let variance = .slot(1) * constant(1 / (1 - pow(Double(Float(beta2)), Double(t))))
        rule.set(
            .weight,
            to: .weight - constant(learningRate) * moment / (.squareRoot(variance) + constant(epsilon)))
        return rule
    }

    private func beta1(inStep t: Int, _ scheduleDecay: Double) -> Double {
        beta1 * (1 - 0.5 * pow(0.96, Double(t) * scheduleDecay))
    }

    /// The product of the `beta1` of all steps so far.
    private func momentumCache(iterations: Int, _ scheduleDecay: Double) -> Double {
        var product = 1.0
        for step in stride(from: 1, through: iterations, by: 1) {
            product *= beta1(inStep: step, scheduleDecay)
            // Below the smallest float it no longer matters.
            if product < 1e-45 { break }
        }
        return product
    }

    /// The product that Keras 2 stores beside the slots. Keras 2 resumes with its own schedule, whatever the file's
    /// was.
    func keras2MomentumCache(iterations: Int) -> Double {
        momentumCache(iterations: iterations, Self.keras2ScheduleDecay)
    }

    private static let keras2ScheduleDecay = 0.004

    /// The schedule of beta1.
    public var generation: [String: JSON] { ["schedule_decay": .number(scheduleDecay)] }

    /// Keras's settings.
    public var config: [String: JSON] {
        var entries: [String: JSON] = [
            "beta_1": .number(beta1), "beta_2": .number(beta2), "epsilon": .number(epsilon),
        ]
        // Keras 2 stores it under `decay`; Keras 3 has no such key.
        if scheduleDecay != 1 { entries["decay"] = .number(scheduleDecay) }
        return entries
    }
}

/// Keras 2's `decay`: the first step uses the rate unchanged.
private func decayed(_ learningRate: Double, _ decay: Double, _ step: Int) -> Double {
    learningRate / (1 + decay * Double(step))
}

private func constant(_ value: Double) -> UpdateRule.Expression { .constant(Float(value)) }

/// Keras 3 adds epsilon under the root, Keras 2 to it.
private func root(
    of value: UpdateRule.Expression, _ epsilon: Double, _ isUnderRoot: Bool
) -> UpdateRule.Expression {
    isUnderRoot ? .squareRoot(value + constant(epsilon)) : .squareRoot(value) + constant(epsilon)
}

extension UpdateRule {
    /// Moves the averages of the gradient (slot 0) and of its square (slot 1) by these shares.
    fileprivate mutating func setMoments(_ first: Expression, _ second: Expression) {
        set(.slot(0), to: .slot(0) + (.gradient - .slot(0)) * first)
        set(.slot(1), to: .slot(1) + (.gradient * .gradient - .slot(1)) * second)
    }
}
