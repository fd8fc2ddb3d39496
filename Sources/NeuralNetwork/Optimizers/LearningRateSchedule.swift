import Foundation
import System

/// A learning rate over time. What is counted, epochs or steps, is for the ``LearningRateScheduler`` to say.
public protocol LearningRateSchedule: Described {
    /// - Parameter time: epochs or steps before this one: 0 for the first.
    func learningRate(at time: Int) -> Double
}

/// `initial * (1 - t / duration) ^ power`, zero from `duration` on; with power 1 a straight line (book, equation 11.1).
public struct PolynomialDecay: LearningRateSchedule {
    public let initial: Double
    public let duration: Int
    public let power: Double

    /// The program ends with one line where `duration` is not positive.
    public init(initial: Double, duration: Int, power: Double = 1) {
        guard duration > 0 else { stop("a learning rate cannot decay over \(duration) epochs or steps") }
        self.initial = initial
        self.duration = duration
        self.power = power
    }

    public func learningRate(at time: Int) -> Double {
        time >= duration ? 0 : initial * pow(1 - Double(time) / Double(duration), power)
    }

    public var described: JSON {
        JSON(
            className: "PolynomialDecay",
            config: [
                "initial_learning_rate": .number(initial), "decay_steps": JSON(duration), "power": .number(power),
                "end_learning_rate": 0, "cycle": false,
            ])
    }
}

/// A table of rates, as the book prints them: "epochs 1 - 25: 1e-2; 26 - 35: 1e-3". The last rate goes on.
public struct StepTable: LearningRateSchedule {
    /// Each rate with the last epoch (counted from 1) that has it; epochs rise.
    public let steps: [(through: Int, rate: Double)]

    /// An empty table ends the program with one line.
    public init(_ steps: [(through: Int, rate: Double)]) {
        guard !steps.isEmpty else { stop("a table of learning rates needs a row") }
        self.steps = steps
    }

    public func learningRate(at time: Int) -> Double {
        (steps.first { time < $0.through } ?? steps[steps.count - 1]).rate
    }

    public var described: JSON {
        JSON(className: "StepTable", config: ["through": JSON(steps.map(\.through)), "rates": JSON(steps.map(\.rate))])
    }
}

/// `initial * drop ^ floor((1 + t) / every)`: the first drop comes one early, at `every - 1`, as in the Inception
/// tutorial's "4 % every 8 epochs".
public struct ExponentialStaircase: LearningRateSchedule {
    public let initial: Double
    public let drop: Double
    public let every: Int

    /// The program ends with one line where `every` is not positive.
    public init(initial: Double, drop: Double, every: Int) {
        guard every > 0 else { stop("a learning rate cannot drop every \(every) epochs or steps") }
        self.initial = initial
        self.drop = drop
        self.every = every
    }

    public func learningRate(at time: Int) -> Double { initial * pow(drop, Double((1 + time) / every)) }

    public var described: JSON {
        JSON(
            className: "ExponentialStaircase",
            config: ["initial_learning_rate": .number(initial), "drop": .number(drop), "every": JSON(every)])
    }
}

/// A straight line up to `peak` over the first `warmup`, then a straight line down to zero at `duration`.
public struct WarmupLinearDecay: LearningRateSchedule {
    public let peak: Double
    public let warmup: Int
    public let duration: Int

    /// The program ends with one line where `duration` is not positive, or `warmup` not from 0 to `duration`.
    public init(peak: Double, warmup: Int, duration: Int) {
        guard duration > 0, (0...duration).contains(warmup) else {
            stop("a learning rate cannot rise for \(warmup) of \(duration) epochs or steps")
        }
        self.peak = peak
        self.warmup = warmup
        self.duration = duration
    }

    public func learningRate(at time: Int) -> Double {
        if time < warmup { return peak * Double(time + 1) / Double(warmup) }
        return time >= duration ? 0 : peak * Double(duration - time) / Double(duration - warmup)
    }

    public var described: JSON {
        JSON(
            className: "WarmupLinearDecay",
            config: ["peak": .number(peak), "warmup": JSON(warmup), "duration": JSON(duration)])
    }
}
