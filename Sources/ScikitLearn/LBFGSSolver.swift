import CLBFGS
import Foundation
import Tensors

/// All classes together, by libLBFGS, with scikit-learn's rules for when to stop.
///
/// What is minimized is scikit-learn's function divided by C and the number of samples: the mean cross-entropy plus
/// |coefficients|² / (2 · C · samples). The variables are the coefficients `[rows, features]`, then the intercepts.
final class LBFGSSolver {
    private let blocks: RowBlocks
    /// The class of each sample, from 0 on.
    private let targets: [Int]
    /// The rows of coefficients: 1 for two classes.
    private let rows: Int
    private let features: Int
    private let penalty: Double
    private let tolerance: Double
    private let maxIterations: Int

    private var iterations = 0
    private var hasConverged = false
    private var lastValue: Double?

    init(
        x: Tensor, rows: [Int], targets: [Int], classes: Int, c: Double, tolerance: Double, maxIterations: Int
    ) {
        blocks = RowBlocks(x, rows: rows)
        self.targets = targets
        self.rows = classes == 2 ? 1 : classes
        features = x.shape[1]
        penalty = 1 / (c * Double(rows.count))
        self.tolerance = tolerance
        self.maxIterations = maxIterations
    }

    private var variableCount: Int { rows * (features + 1) }

    func solve() throws(LogisticRegressionError) -> Solution {
        // libLBFGS wants aligned memory, and fills it with zeros.
        guard let variables = lbfgs_malloc(Int32(variableCount)) else {
            throw .tooLarge(bytes: variableCount * MemoryLayout<Double>.stride)
        }
        defer { lbfgs_free(variables) }
        if startsAtMinimum(variables) { return solution(variables) }
        var settings = lbfgs_parameter_t()
        lbfgs_parameter_init(&settings)
        // SciPy's: ten corrections, fifty trials of a step. `progress` decides when to stop.
        settings.m = 10
        settings.max_linesearch = 50
        settings.epsilon = 0
        let code = withExtendedLifetime(self) {
            lbfgs(
                Int32(variableCount), variables, nil,
                { solver, variables, gradient, _, _ in
                    guard let solver, let variables, let gradient else { return .nan }
                    return LBFGSSolver.from(solver).evaluate(variables, gradient)
                },
                { solver, _, gradient, value, _, _, _, _, iteration, _ in
                    guard let solver, let gradient else { return Int32(LBFGSERR_UNKNOWNERROR) }
                    return LBFGSSolver.from(solver).isFinished(gradient, value, Int(iteration)) ? 1 : 0
                },
                Unmanaged.passUnretained(self).toOpaque(), &settings)
        }
        if code == Int32(LBFGSERR_OUTOFMEMORY) {
            throw .tooLarge(bytes: 20 * variableCount * MemoryLayout<Double>.stride)
        }
        if (LBFGSERR_INVALID_N...LBFGSERR_INVALID_ORTHANTWISE_END).contains(Int(code)) {
            throw .refused(library: "libLBFGS", reason: "its error \(code)")
        }
        // Other errors are of the line search, which found no better place: the solution is the best so far.
        // libLBFGS itself reports a success only for a gradient of exactly 0.
        if code == Int32(LBFGS_SUCCESS) { hasConverged = true }
        return solution(variables)
    }

    private func solution(_ variables: UnsafePointer<Double>) -> Solution {
        let found = UnsafeBufferPointer(start: variables, count: variableCount)
        return Solution(
            coefficients: (0..<rows).map { Array(found[$0 * features..<($0 + 1) * features]) },
            intercepts: Array(found[(rows * features)...]), iterations: [iterations], hasConverged: hasConverged)
    }

    private static func from(_ pointer: UnsafeMutableRawPointer) -> LBFGSSolver {
        Unmanaged<LBFGSSolver>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// The function's value. Its gradient is written to `gradient`.
    private func evaluate(_ variables: UnsafePointer<Double>, _ gradient: UnsafeMutablePointer<Double>) -> Double {
        gradient.update(repeating: 0, count: variableCount)
        let intercepts = variables + rows * features, interceptGradient = gradient + rows * features
        let share = 1 / Double(targets.count)
        var loss = 0.0
        blocks.forEach { block in
            // First the scores, then in their place the gradient with respect to them.
            var scores = block.products(with: variables, count: rows)
            scores.withUnsafeMutableBufferPointer { scores in
                for (place, target) in zip(0..., targets[block.range]) {
                    let row = UnsafeMutableBufferPointer(rebasing: scores[place * rows..<(place + 1) * rows])
                    for index in 0..<rows { row[index] += intercepts[index] }
                    loss += rows == 1 ? Self.binaryLoss(&row[0], target) : Self.softmaxLoss(row, target)
                    for index in 0..<rows {
                        row[index] *= share
                        interceptGradient[index] += row[index]
                    }
                }
            }
            block.add(times: scores, count: rows, to: gradient)
        }
        var squares = 0.0
        for index in 0..<rows * features {
            squares += variables[index] * variables[index]
            gradient[index] += penalty * variables[index]
        }
        return loss * share + penalty * squares / 2
    }

    /// The cross-entropy of a sigmoid; the score becomes its gradient.
    private static func binaryLoss(_ score: inout Double, _ target: Int) -> Double {
        let (given, expected) = (score, Double(target))
        score = sigmoid(given) - expected
        return max(given, 0) + log1p(exp(-abs(given))) - expected * given
    }

    /// The cross-entropy of a softmax; the scores become their gradient.
    private static func softmaxLoss(_ scores: UnsafeMutableBufferPointer<Double>, _ target: Int) -> Double {
        let highest = scores.max() ?? 0, expected = scores[target]
        var sum = 0.0
        for index in scores.indices {
            scores[index] = exp(scores[index] - highest)
            sum += scores[index]
        }
        for index in scores.indices { scores[index] /= sum }
        scores[target] -= 1
        return highest + log(sum) - expected
    }

    /// Whether SciPy would not take a single step: the gradient is small enough where all variables are 0.
    private func startsAtMinimum(_ variables: UnsafePointer<Double>) -> Bool {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: variableCount) { gradient in
            guard let base = gradient.baseAddress else { return false }
            gradient.initialize(repeating: 0)
            lastValue = evaluate(variables, base)
            hasConverged = largest(base) <= tolerance
            return hasConverged
        }
    }

    private func largest(_ gradient: UnsafePointer<Double>) -> Double {
        UnsafeBufferPointer(start: gradient, count: variableCount).reduce(0) { max($0, abs($1)) }
    }

    /// SciPy's rules: the largest component of the gradient is at most the tolerance, or the value falls no more.
    private func isFinished(_ gradient: UnsafePointer<Double>, _ value: Double, _ iteration: Int) -> Bool {
        iterations = iteration
        let fall = lastValue.map { ($0 - value) / max(abs($0), abs(value), 1) } ?? .infinity
        lastValue = value
        hasConverged = largest(gradient) <= tolerance || fall <= 64 * Double.ulpOfOne
        return hasConverged || iteration >= maxIterations
    }
}
