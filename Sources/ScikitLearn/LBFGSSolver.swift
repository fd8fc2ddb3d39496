import CLBFGS
import Foundation
import Tensors

/// All classes together, by libLBFGS, with scikit-learn's rules for when to stop.
///
/// What is minimized is scikit-learn's function divided by C and the number of samples: the mean cross-entropy plus
/// |coefficients|² / (2 · C · samples). The variables are the coefficients `[rows, features]`, then the intercepts. Where
/// the samples' space is given, they are coefficients of its coordinates instead of the features.
final class LBFGSSolver {
    private let blocks: RowBlocks
    private let space: RowSpace?
    /// The class of each sample, from 0 on.
    private let targets: [Int]
    /// The rows of coefficients: 1 for two classes.
    private let rows: Int
    /// The coefficients in a row.
    private let width: Int
    private let penalty: Double
    private let tolerance: Double
    private let maxIterations: Int

    private var iterations = 0
    /// Those before the library was called for the last time.
    private var earlierIterations = 0
    private var hasConverged = false
    private var lastValue: Double?
    /// Where in the features a component of the gradient was last too large.
    private var lastLarge = 0

    init(
        x: Tensor, space: RowSpace?, rows: [Int], targets: [Int], classes: Int, c: Double, tolerance: Double,
        maxIterations: Int
    ) {
        blocks = space.map { RowBlocks($0, rows: rows) } ?? RowBlocks(x, rows: rows)
        self.space = space
        self.targets = targets
        self.rows = classes == 2 ? 1 : classes
        width = blocks.featureCount
        penalty = 1 / (c * Double(rows.count))
        self.tolerance = tolerance
        self.maxIterations = maxIterations
    }

    private var variableCount: Int { rows * (width + 1) }

    func solve() throws(LogisticRegressionError) -> Solution {
        // libLBFGS wants aligned memory, and fills it with zeros.
        guard let variables = lbfgs_malloc(Int32(variableCount)) else {
            throw .tooLarge(bytes: variableCount * MemoryLayout<Double>.stride)
        }
        defer { lbfgs_free(variables) }
        guard !startsAtMinimum(variables) else { return solution(variables) }
        var code = minimize(variables, by: LBFGS_LINESEARCH_MORETHUENTE)
        // That line search gives up where rounding leaves it no interval, although the step could be shorter. SciPy then
        // forgets the earlier steps and continues. So does this, and halves steps from there on.
        while Self.lineSearchErrors.contains(Int(code)) {
            earlierIterations = iterations
            code = minimize(variables, by: LBFGS_LINESEARCH_BACKTRACKING_WOLFE)
            if iterations == earlierIterations { break }
        }
        if code == Int32(LBFGSERR_OUTOFMEMORY) {
            throw .tooLarge(bytes: 20 * variableCount * MemoryLayout<Double>.stride)
        }
        if (LBFGSERR_INVALID_N...LBFGSERR_INVALID_ORTHANTWISE_END).contains(Int(code)) {
            throw .refused(library: "libLBFGS", reason: "its error \(code)")
        }
        // After an error of the line search, the solution is the best so far.
        // libLBFGS itself reports a success only for a gradient of exactly 0.
        if code == Int32(LBFGS_SUCCESS) { hasConverged = true }
        return solution(variables)
    }

    private static let lineSearchErrors = LBFGSERR_OUTOFINTERVAL...LBFGSERR_INCREASEGRADIENT

    /// Continues from `variables` until `isFinished`, or until the line search fails.
    ///
    /// - Parameter lineSearch: one of libLBFGS's.
    /// - Returns: libLBFGS's status.
    private func minimize(_ variables: UnsafeMutablePointer<Double>, by lineSearch: Int) -> Int32 {
        var settings = lbfgs_parameter_t()
        lbfgs_parameter_init(&settings)
        // SciPy's: ten corrections, fifty trials of a step. `isFinished` decides when to stop.
        settings.m = 10
        settings.max_linesearch = 50
        settings.epsilon = 0
        settings.linesearch = Int32(lineSearch)
        return withExtendedLifetime(self) {
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
    }

    private func solution(_ variables: UnsafePointer<Double>) -> Solution {
        let intercepts = UnsafeBufferPointer(start: variables + rows * width, count: rows)
        var coefficients = Array(UnsafeBufferPointer(start: variables, count: rows * width)), features = width
        if let space {
            features = space.featureCount
            coefficients = space.features(0..<features, of: variables, count: rows)
        }
        return Solution(
            coefficients: (0..<rows).map { Array(coefficients[$0 * features..<($0 + 1) * features]) },
            intercepts: Array(intercepts), iterations: [iterations], hasConverged: hasConverged)
    }

    private static func from(_ pointer: UnsafeMutableRawPointer) -> LBFGSSolver {
        Unmanaged<LBFGSSolver>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// The function's value. Its gradient is written to `gradient`.
    private func evaluate(_ variables: UnsafePointer<Double>, _ gradient: UnsafeMutablePointer<Double>) -> Double {
        gradient.update(repeating: 0, count: variableCount)
        let intercepts = variables + rows * width, interceptGradient = gradient + rows * width
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
        for index in 0..<rows * width {
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
            hasConverged = isSmall(base)
            return hasConverged
        }
    }

    /// Whether no component of the gradient is larger than the tolerance. The components are those of the features, also
    /// in the samples' space. Until the end, the first block of them usually has one that is larger.
    private func isSmall(_ gradient: UnsafePointer<Double>) -> Bool {
        func areSmall(_ components: some Sequence<Double>) -> Bool { components.allSatisfy { abs($0) <= tolerance } }
        guard areSmall(UnsafeBufferPointer(start: gradient + rows * width, count: rows)) else { return false }
        guard let space else { return areSmall(UnsafeBufferPointer(start: gradient, count: rows * width)) }
        for start in [lastLarge] + Array(stride(from: 0, to: space.featureCount, by: 256)) {
            let range = start..<min(start + 256, space.featureCount)
            guard areSmall(space.features(range, of: gradient, count: rows)) else {
                lastLarge = start
                return false
            }
        }
        return true
    }

    /// SciPy's rules: the largest component of the gradient is at most the tolerance, or the value falls no more.
    private func isFinished(_ gradient: UnsafePointer<Double>, _ value: Double, _ iteration: Int) -> Bool {
        iterations = earlierIterations + iteration
        let fall = lastValue.map { ($0 - value) / max(abs($0), abs(value), 1) } ?? .infinity
        lastValue = value
        hasConverged = isSmall(gradient) || fall <= 64 * Double.ulpOfOne
        return hasConverged || iterations >= maxIterations
    }
}
