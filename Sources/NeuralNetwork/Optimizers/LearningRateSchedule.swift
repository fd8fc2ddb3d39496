import Foundation
import System

/// A learning rate over time. The ``LearningRateScheduler`` determines the unit of time: epochs or steps.
public protocol LearningRateSchedule: Described {
    /// The learning rate at a time.
    ///
    /// - Parameter time: the number of epochs or steps before this one: 0 for the first.
    func learningRate(at time: Int) -> Double
}

/// `initial * (1 - t / duration) ^ power`, and zero from `duration` on (book, equation 11.1). With power 1 the decay is
/// linear. Keras's `PolynomialDecay` with an end of 0.
public struct PolynomialDecay: LearningRateSchedule {
    /// The learning rate at time 0.
    public let initialLearningRate: Double
    /// The time at which the rate reaches zero.
    public let decaySteps: Int
    /// The exponent; 1 for a linear decay.
    public let power: Double

    /// The program ends with one line if `decaySteps` is not positive.
    ///
    /// - Parameters:
    ///   - initialLearningRate: the learning rate at time 0.
    ///   - decaySteps: the time at which the rate reaches zero.
    ///   - power: the exponent; 1 for a linear decay.
    public init(initialLearningRate: Double, decaySteps: Int, power: Double = 1) {
        guard decaySteps > 0 else { stop("a learning rate cannot decay over \(decaySteps) epochs or steps") }
        self.initialLearningRate = initialLearningRate
        self.decaySteps = decaySteps
        self.power = power
    }

    /// The learning rate after `time` epochs or steps.
    public func learningRate(at time: Int) -> Double {
        time >= decaySteps ? 0 : initialLearningRate * pow(1 - Double(time) / Double(decaySteps), power)
    }

    /// Keras's class and settings, with an end of 0 and no cycle.
    public var described: JSON {
        JSON(
            className: "PolynomialDecay",
            config: [
                "initial_learning_rate": .number(initialLearningRate), "decay_steps": JSON(decaySteps),
                "power": .number(power),
                "end_learning_rate": 0, "cycle": false,
            ])
    }
}

/// A table of rates, as the book prints them: "epochs 1 - 25: 1e-2; 26 - 35: 1e-3". The last rate has no end.
public struct StepTable: LearningRateSchedule {
    /// Each rate with the last epoch (or step), counted from 1, that has it, in ascending order.
    public let steps: [(through: Int, rate: Double)]

    /// The program ends with one line if the table is empty.
    ///
    /// - Parameter steps: each rate with the last epoch (or step), counted from 1, that has it, in ascending order.
    public init(_ steps: [(through: Int, rate: Double)]) {
        guard !steps.isEmpty else { stop("a table of learning rates needs a row") }
        self.steps = steps
    }

    /// The learning rate after `time` epochs or steps.
    public func learningRate(at time: Int) -> Double {
        (steps.first { time < $0.through } ?? steps[steps.count - 1]).rate
    }

    /// Two lists: the last epochs and their rates.
    public var described: JSON {
        JSON(className: "StepTable", config: ["through": JSON(steps.map(\.through)), "rates": JSON(steps.map(\.rate))])
    }
}

/// `initial * drop ^ floor((1 + t) / every)`. The first drop comes one epoch early, at `every - 1`, as in the Inception
/// tutorial's "4 % every 8 epochs".
public struct ExponentialStaircase: LearningRateSchedule {
    /// The learning rate at time 0.
    public let initial: Double
    /// The factor of each drop; 0.96 in the tutorial.
    public let drop: Double
    /// The time between two drops.
    public let every: Int

    /// The program ends with one line if `every` is not positive.
    ///
    /// - Parameters:
    ///   - initial: the learning rate at time 0.
    ///   - drop: the factor of each drop.
    ///   - every: the time between two drops.
    public init(initial: Double, drop: Double, every: Int) {
        guard every > 0 else { stop("a learning rate cannot drop every \(every) epochs or steps") }
        self.initial = initial
        self.drop = drop
        self.every = every
    }

    /// The learning rate after `time` epochs or steps.
    public func learningRate(at time: Int) -> Double { initial * pow(drop, Double((1 + time) / every)) }

    /// Initial rate, drop and time between drops.
    public var described: JSON {
        JSON(
            className: "ExponentialStaircase",
            config: ["initial_learning_rate": .number(initial), "drop": .number(drop), "every": JSON(every)])
    }
}

/// Another schedule, behind a linear rise to its rates: the gradual warm-up of Goyal et al., "Accurate, Large Minibatch
/// SGD" (2017), where a batch of `k` times as many samples has `k` times the learning rate, and takes five epochs to
/// reach it from the smaller batch's.
public struct GradualWarmup: LearningRateSchedule {
    /// The schedule, from its time 0 on.
    public let schedule: any LearningRateSchedule
    /// The length of the rise.
    public let warmup: Int
    /// The share of the schedule's rate at time 0: `1 / k`.
    public let start: Double

    /// The program ends with one line if `warmup` is negative, or `start` is not from 0 to 1.
    ///
    /// - Parameters:
    ///   - schedule: the schedule, from its time 0 on.
    ///   - warmup: the length of the rise.
    ///   - start: the share of the schedule's rate at time 0.
    public init(_ schedule: any LearningRateSchedule, warmup: Int, from start: Double) {
        guard warmup >= 0, (0...1).contains(start) else {
            stop("a learning rate cannot rise from \(start) of itself for \(warmup) epochs or steps")
        }
        (self.schedule, self.warmup, self.start) = (schedule, warmup, start)
    }

    /// The learning rate after `time` epochs or steps.
    public func learningRate(at time: Int) -> Double {
        let rate = schedule.learningRate(at: time)
        return time < warmup ? rate * (start + (1 - start) * Double(time) / Double(warmup)) : rate
    }

    /// The schedule, the length of the rise and where it starts.
    public var described: JSON {
        JSON(
            className: "GradualWarmup",
            config: ["schedule": schedule.described, "warmup": JSON(warmup), "start": .number(start)])
    }
}

/// A linear rise to `peak` during `warmup`, then a linear decay to zero at `duration`.
public struct WarmupLinearDecay: LearningRateSchedule {
    /// The highest learning rate.
    public let peak: Double
    /// The length of the rise.
    public let warmup: Int
    /// The time at which the rate reaches zero.
    public let duration: Int

    /// The program ends with one line if `duration` is not positive, or `warmup` is not from 0 to `duration`.
    ///
    /// - Parameters:
    ///   - peak: the highest learning rate.
    ///   - warmup: the length of the rise.
    ///   - duration: the time at which the rate reaches zero.
    public init(peak: Double, warmup: Int, duration: Int) {
        guard duration > 0, (0...duration).contains(warmup) else {
            stop("a learning rate cannot rise for \(warmup) of \(duration) epochs or steps")
        }
        self.peak = peak
        self.warmup = warmup
        self.duration = duration
    }

    /// The learning rate after `time` epochs or steps.
    public func learningRate(at time: Int) -> Double {
        if time < warmup { return peak * Double(time + 1) / Double(warmup) }
        return time >= duration ? 0 : peak * Double(duration - time) / Double(duration - warmup)
    }

    /// Peak, warmup and duration.
    public var described: JSON {
        JSON(
            className: "WarmupLinearDecay",
            config: ["peak": .number(peak), "warmup": JSON(warmup), "duration": JSON(duration)])
    }
}
