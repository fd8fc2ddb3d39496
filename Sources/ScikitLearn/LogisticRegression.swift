import Foundation
import System
import Tensors

/// A linear classifier that gives probabilities: scikit-learn's `LogisticRegression` with an L2 penalty and an intercept.
///
/// Labels are any whole numbers. Features are float32, `[samples, features]`; all computing is in double precision.
///
/// Source: scikit-learn's user guide, "Logistic regression". The solvers are LIBLINEAR (Fan et al., "LIBLINEAR: A library
/// for large linear classification", JMLR 9, 2008) and libLBFGS (after Liu and Nocedal, "On the limited memory BFGS
/// method for large scale optimization", 1989).
public struct LogisticRegression: Sendable, Equatable {
    /// What is minimized, and by which library. z is a sample's score, features · coefficients + intercept.
    public enum Solver: String, Sendable, CaseIterable {
        /// One class against the rest: for each class C · sum(log(1 + exp(∓z))) + (|coefficients|² + intercept²) / 2. The
        /// intercept is penalized like a coefficient (scikit-learn's `intercept_scaling=1`). Probabilities are sigmoids
        /// divided by their sum. Two classes are a single problem. scikit-learn's default before version 0.22, and so
        /// that of the book's time.
        ///
        /// The library copies the features into 16 bytes for each that is not 0, and 32 bytes for each sample: 1.6 GB for
        /// 4,000 samples of 25,088 features without zeros, beside the 0.4 GB of the tensor. A network's features
        /// behind a ReLU are mostly zeros and take less. There is one copy, whatever the number of classes, folds and
        /// threads.
        case liblinear
        /// All classes together: C · sum(cross-entropy of the softmax) + |coefficients|² / 2. The intercepts are not
        /// penalized. Two classes have one row of coefficients and a sigmoid. scikit-learn's default today.
        ///
        /// It works through the features in blocks of 8 MB and keeps no copy. Its memory is that of some twenty sets of
        /// coefficients. With two or more features for each sample it first finds the space that the samples span, and
        /// goes the same steps there: each is cheaper by as many times as there are more features than samples. This
        /// takes 8 bytes for each feature of each sample, and is left out where they are not free.
        case lbfgs
    }

    /// The inverse of the regularization strength, scikit-learn's `C`: positive; smaller values regularize more.
    public var c: Double
    /// Which function is minimized, and how.
    public var solver: Solver
    /// When to stop, scikit-learn's `tol`: positive. lbfgs: when no component of the gradient of the mean loss is larger.
    /// liblinear: when the gradient's norm is below this share of the first one's, times the share of the rarer side.
    public var tolerance: Double
    /// scikit-learn's `max_iter`, from 1 on. lbfgs stops after so many iterations. liblinear cannot be stopped before its
    /// own limit of 1,000 Newton steps; if it took this number of steps or more, there is a warning all the same.
    public var maxIterations: Int
    /// The names of the classes, in the order of ``classes``, if known. They are saved with the classifier.
    public var classNames: [String]?

    /// The distinct labels in ascending order; empty before `fit`.
    public internal(set) var classes: [Int] = []
    /// `[classes, features]`. Two classes have one row, of the second class.
    public internal(set) var coefficients: [[Double]] = []
    /// One for each row of ``coefficients``.
    public internal(set) var intercepts: [Double] = []
    /// The iterations that the solver took: for liblinear one number for each row, for lbfgs one in all. Empty for a
    /// classifier from a file. scikit-learn's `n_iter_`.
    public internal(set) var iterations: [Int] = []

    /// A classifier to be fitted, with scikit-learn's defaults. Settings are checked by `fit`.
    public init(c: Double = 1, solver: Solver = .lbfgs, tolerance: Double = 1e-4, maxIterations: Int = 100) {
        self.c = c
        self.solver = solver
        self.tolerance = tolerance
        self.maxIterations = maxIterations
    }

    // MARK: - Fitting

    /// Learns coefficients and intercepts, and forgets earlier ones. The same input gives the same bits, whatever the
    /// number of threads.
    ///
    /// - Parameters:
    ///   - x: `[samples, features]`, finite; best scaled to about 1.
    ///   - y: the label of each sample; two classes at least.
    ///   - jobs: liblinear fits so many classes at a time, each on its own thread. lbfgs uses one thread.
    ///   - warn: receives a line if the solver did not converge; the classifier is usable then.
    /// - Throws: ``LogisticRegressionError`` for invalid settings or samples, or if the memory is too small.
    public mutating func fit(
        _ x: Tensor, _ y: [Int], jobs: Int = 1, warn: (String) -> Void = System.warn
    ) throws {
        try check(x, y)
        let result = try fitted(SolverFeatures(x, for: solver), y, rows: Array(y.indices), jobs: jobs)
        if let warning = result.warning { warn(warning) }
        self = result.classifier
    }

    /// Throws unless the settings and the samples can be used.
    func check(_ x: Tensor, _ y: [Int]) throws(LogisticRegressionError) {
        try checkShape(x)
        guard x.rowCount == y.count else { throw .differentLengths(samples: x.rowCount, labels: y.count) }
        guard c > 0, c.isFinite else { throw .invalidC(c) }
        guard tolerance > 0, tolerance.isFinite else { throw .invalidTolerance(tolerance) }
        guard maxIterations >= 1 else { throw .invalidIterations(maxIterations) }
        guard let first = y.first else { throw .noSamples }
        guard y.contains(where: { $0 != first }) else { throw .oneClass(first) }
        // Every score has a coefficient, and lbfgs counts all of them.
        let features = x.shape[1], most = Int(Int32.max) - 16
        let (variables, overflow) = (features + 1).multipliedReportingOverflow(by: Set(y).count)
        guard !overflow, variables < most, y.count < most else {
            throw .tooMany(samples: y.count, features: features)
        }
        if let place = x.scalars.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(sample: place / features, feature: place % features)
        }
        // A bound of the second derivatives. The solvers square their like, and liblinear never ends once one is NaN.
        let largest = x.scalars.reduce(Float(1)) { max($0, abs($1)) }
        let bound = c * Double(y.count) * Double(features + 1) * Double(largest) * Double(largest)
        guard bound < 1e150 else { throw .overflow }
    }

    private func checkShape(_ x: Tensor) throws(LogisticRegressionError) {
        guard x.shape.rank == 2, x.shape[1] > 0 else { throw .invalidShape("\(x.shape)") }
    }

    /// The classifier that some of the samples give, and a warning if the solver did not converge.
    ///
    /// - Parameters:
    ///   - y: the labels of all samples.
    ///   - rows: the samples to learn from.
    func fitted(
        _ features: SolverFeatures, _ y: [Int], rows: [Int], jobs: Int
    ) throws -> (classifier: LogisticRegression, warning: String?) {
        let classes = Set(rows.map { y[$0] }).sorted()
        guard classes.count > 1 else { throw LogisticRegressionError.oneClass(classes.first ?? 0) }
        let solution: Solution
        switch features {
        case .liblinear(let nodes):
            solution = try LiblinearSolver(nodes: nodes, rows: rows, c: c, tolerance: tolerance)
                .solve(classes: classes, labels: y, jobs: jobs)
        case .lbfgs(let x, let space):
            let places = Dictionary(uniqueKeysWithValues: zip(classes, 0...))
            solution = try LBFGSSolver(
                x: x, space: space, rows: rows, targets: rows.map { places[y[$0]] ?? 0 }, classes: classes.count, c: c,
                tolerance: tolerance, maxIterations: maxIterations
            ).solve()
        }
        // `check` has bounded the derivatives. A NaN must not reach a file all the same.
        guard solution.intercepts.allSatisfy(\.isFinite),
            solution.coefficients.allSatisfy({ $0.allSatisfy(\.isFinite) })
        else { throw LogisticRegressionError.overflow }

        var fitted = self
        fitted.classes = classes
        fitted.coefficients = solution.coefficients
        fitted.intercepts = solution.intercepts
        fitted.iterations = solution.iterations
        return (fitted, warning(solution))
    }

    private func warning(_ solution: Solution) -> String? {
        let most = solution.iterations.max() ?? 0
        let advice = "scale the features to about 1, lower C, or allow more than \(maxIterations) iterations"
        if solver == .liblinear, most >= maxIterations {
            return "liblinear took \(most) steps, C \(c), and may not have converged: \(advice)"
        }
        if solver == .lbfgs, !solution.hasConverged, most < maxIterations {
            return "the line search of lbfgs failed after \(most) iterations, C \(c), which may not have converged: "
                + "scale the features to about 1, or lower C"
        }
        if solver == .lbfgs, !solution.hasConverged {
            return "lbfgs did not converge in \(most) iterations, C \(c): \(advice)"
        }
        return nil
    }

    // MARK: - Predicting

    /// The score of each sample for each class `[samples][classes]`; of two classes, the score of the second alone.
    ///
    /// - Parameter x: `[samples, features]`.
    /// - Throws: ``LogisticRegressionError`` before `fit`, or for another number of features.
    public func decisionFunction(_ x: Tensor) throws -> [[Double]] {
        try scores(x, rows: Array(0..<x.rowCount))
    }

    private func scores(_ x: Tensor, rows: [Int]) throws -> [[Double]] {
        try checkShape(x)
        guard let expected = coefficients.first?.count else { throw LogisticRegressionError.notFitted }
        guard x.shape[1] == expected else {
            throw LogisticRegressionError.differentFeatures(x.shape[1], expected: expected)
        }
        let flat = Array(coefficients.joined())
        var scores: [[Double]] = []
        scores.reserveCapacity(rows.count)
        RowBlocks(x, rows: rows).forEach { block in
            let products = block.products(with: flat, count: intercepts.count)
            for row in 0..<block.range.count {
                scores.append(intercepts.indices.map { products[row * intercepts.count + $0] + intercepts[$0] })
            }
        }
        return scores
    }

    /// The label with the highest score of each sample; among equals the first.
    ///
    /// - Parameter x: `[samples, features]`.
    /// - Throws: as ``decisionFunction(_:)``.
    public func predict(_ x: Tensor) throws -> [Int] { try predict(x, rows: Array(0..<x.rowCount)) }

    /// The predictions of some samples.
    func predict(_ x: Tensor, rows: [Int]) throws -> [Int] {
        try scores(x, rows: rows).map { scores in
            if scores.count == 1 { return classes[scores[0] > 0 ? 1 : 0] }
            return classes[scores.argmax()]
        }
    }

    /// The probability of each class `[samples, classes]`, in the order of ``classes``; each row's sum is 1.
    ///
    /// - Parameter x: `[samples, features]`.
    /// - Throws: as ``decisionFunction(_:)``.
    public func predictProba(_ x: Tensor) throws -> Tensor {
        let scores = try decisionFunction(x)
        var probabilities: [Float] = []
        probabilities.reserveCapacity(scores.count * classes.count)
        for scores in scores {
            if scores.count == 1 {
                // Each from its own sign: 1 - p would lose the digits of small probabilities.
                probabilities += [Float(sigmoid(-scores[0])), Float(sigmoid(scores[0]))]
                continue
            }
            let highest = scores.max() ?? 0
            let shares = solver == .liblinear ? scores.map(sigmoid) : scores.map { exp($0 - highest) }
            let sum = shares.reduce(0, +)
            // All sigmoids may underflow. scikit-learn then divides 0 by 0.
            probabilities += shares.map { Float(sum > 0 ? $0 / sum : 1 / Double(shares.count)) }
        }
        return Tensor(shape: [scores.count, classes.count], scalars: probabilities)
    }

    /// The share of samples whose label is predicted, from 0 to 1.
    ///
    /// - Throws: as ``decisionFunction(_:)``, and ``ClassificationError`` if there are no samples, or another number of
    ///   labels.
    public func score(_ x: Tensor, _ y: [Int]) throws -> Double {
        try accuracyScore(truth: y, predictions: predict(x))
    }
}

/// What a solver has found.
struct Solution: Sendable {
    /// `[rows][features]`
    var coefficients: [[Double]]
    var intercepts: [Double]
    var iterations: [Int]
    var hasConverged: Bool
}

/// The features in the form that a solver needs, shared by all fits to parts of the samples.
enum SolverFeatures: Sendable {
    case liblinear(FeatureNodes)
    /// With the space of the samples, if it is smaller than that of the features.
    case lbfgs(Tensor, RowSpace?)

    init(_ x: Tensor, for solver: LogisticRegression.Solver) throws(LogisticRegressionError) {
        switch solver {
        case .liblinear: self = .liblinear(try FeatureNodes(x))
        case .lbfgs: self = .lbfgs(x, RowSpace(x))
        }
    }
}
