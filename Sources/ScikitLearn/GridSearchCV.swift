import Foundation
import Synchronization
import System
import Tensors

/// Tries values of C with cross-validation, and fits the best to all samples: scikit-learn's `GridSearchCV` for a
/// ``LogisticRegression``, by accuracy.
///
/// All fits share one copy of the features (see ``LogisticRegression/Solver``), so threads and folds take no more of
/// them. The result depends on neither the number of threads nor their speed.
public struct GridSearchCV: Sendable {
    /// What one value of C reached.
    public struct Result: Sendable, Equatable {
        /// scikit-learn's `C`.
        public var c: Double
        /// The accuracy on each fold, after a fit to the others; from 0 to 1.
        public var splitTestScores: [Double]
        /// The mean over the folds.
        public var meanTestScore: Double
        /// The standard deviation over the folds, divided by their number, not by one less.
        public var stdTestScore: Double
        /// From 1, the highest mean; equals have the same rank.
        public var rankTestScore: Int
    }

    /// The settings of all fits but C.
    public let estimator: LogisticRegression
    /// The values of C to try, in the order of ``results``.
    public let grid: [Double]
    /// The folds.
    public let cv: StratifiedKFold
    /// The number of threads, each with a fit of its own.
    public let jobs: Int

    /// For each value of C in the order of ``grid``; empty before `fit`. scikit-learn's `cv_results_`.
    public private(set) var results: [Result] = []
    /// The classifier of the best C, fitted to all samples; `nil` before `fit`.
    public private(set) var bestEstimator: LogisticRegression?

    /// The first of the results with the highest mean.
    private var best: Result? { results.first { $0.rankTestScore == 1 } }
    /// Of equally good values of C the first; `nil` before `fit`. scikit-learn's `best_params_["C"]`.
    public var bestC: Double? { best?.c }
    /// The mean accuracy of ``bestC``, from 0 to 1; `nil` before `fit`.
    public var bestScore: Double? { best?.meanTestScore }

    /// - Parameters:
    ///   - estimator: its C is not used.
    ///   - c: the values to try, positive; one at least.
    ///   - cv: scikit-learn's default is five folds, the book's search has three.
    ///   - jobs: the number of threads.
    public init(
        _ estimator: LogisticRegression, c: [Double], cv: StratifiedKFold = StratifiedKFold(), jobs: Int = 1
    ) {
        self.estimator = estimator
        self.grid = c
        self.cv = cv
        self.jobs = jobs
    }

    /// Fits every value of C to every fold's training samples, then the best one to all samples. A progress bar appears
    /// after two seconds.
    ///
    /// - Parameters:
    ///   - x: `[samples, features]`, finite.
    ///   - y: the label of each sample.
    ///   - warn: receives a line for a class with fewer samples than folds, one for all fits to folds that did not
    ///     converge, and one if the last fit did not.
    /// - Throws: ``LogisticRegressionError`` and ``SplitError``, for what `LogisticRegression.fit` and ``StratifiedKFold``
    ///   refuse, and for an empty grid.
    public mutating func fit(_ x: Tensor, _ y: [Int], warn: (String) -> Void = System.warn) throws {
        guard !grid.isEmpty else { throw LogisticRegressionError.noGrid }
        let candidates = grid.map { c in
            var candidate = estimator
            candidate.c = c
            return candidate
        }
        for candidate in candidates { try candidate.check(x, y) }
        let folds = try cv.split(y, warn: warn)
        for (number, fold) in folds.enumerated() {
            guard let first = fold.train.first, !fold.train.contains(where: { y[$0] != y[first] }) else { continue }
            throw LogisticRegressionError.oneClassInFold(y[first], fold: number + 1)
        }
        let fits = candidates.flatMap { candidate in folds.map { Fit(candidate: candidate, fold: $0) } }
        let isSlow = estimator.solver == .lbfgs && RowSpace.takesLong(x)
        let progress = Mutex(Progress(total: fits.count + 1, isShownAtOnce: isSlow))
        defer { progress.withLock { $0.stop() } }
        let features = try SolverFeatures(x, for: estimator.solver)
        let outcomes = try fits.concurrentMap(jobs: jobs) { fit in
            defer { progress.withLock { $0.advance() } }
            return try fit.outcome(x, y, features)
        }.map { try $0.get() }
        let warnings = outcomes.compactMap(\.warning)
        if let first = warnings.first {
            warn(warnings.count == 1 ? first : "\(warnings.count) of \(fits.count) fits: \(first)")
        }

        let scores = outcomes.map(\.score)
        results = Self.ranked(
            grid.enumerated().map { place, c in
                Self.result(c: c, Array(scores[place * folds.count..<(place + 1) * folds.count]))
            })
        guard let winner = zip(candidates, results).first(where: { $0.1.rankTestScore == 1 })?.0 else { return }
        let refit = try winner.fitted(features, y, rows: Array(y.indices), jobs: jobs)
        progress.withLock { $0.advance() }
        if let warning = refit.warning { warn(warning) }
        bestEstimator = refit.classifier
    }

    private static func result(c: Double, _ scores: [Double]) -> Result {
        let count = Double(scores.count), mean = pairwiseSum(scores) / count
        let variance = pairwiseSum(scores.map { ($0 - mean) * ($0 - mean) }) / count
        return Result(
            c: c, splitTestScores: scores, meanTestScore: mean, stdTestScore: variance.squareRoot(), rankTestScore: 0)
    }

    private static func ranked(_ results: [Result]) -> [Result] {
        results.map { result in
            var result = result
            result.rankTestScore = 1 + results.count { $0.meanTestScore > result.meanTestScore }
            return result
        }
    }

    /// One value of C and one fold.
    private struct Fit: Sendable {
        let candidate: LogisticRegression
        let fold: (train: [Int], test: [Int])

        func outcome(
            _ x: Tensor, _ y: [Int], _ features: SolverFeatures
        ) throws -> (score: Double, warning: String?) {
            let (classifier, warning) = try candidate.fitted(features, y, rows: fold.train, jobs: 1)
            let score = try accuracyScore(
                truth: fold.test.map { y[$0] }, predictions: classifier.predict(x, rows: fold.test))
            return (score, warning)
        }
    }

    /// The bar, which threads advance one after the other.
    private struct Progress {
        private let bar: ProgressBar
        private var done = 0

        init(total: Int, isShownAtOnce: Bool) {
            bar = ProgressBar(
                "fits of the grid search", total: total, delay: isShownAtOnce ? 0 : ProgressBar.patience)
            bar.update(0)
        }

        mutating func advance() {
            done += 1
            bar.update(done)
        }

        func stop() { bar.stop() }
    }
}

extension GridSearchCV {
    private func fitted() throws(LogisticRegressionError) -> LogisticRegression {
        guard let bestEstimator else { throw .notFitted }
        return bestEstimator
    }

    /// The predictions of ``bestEstimator``.
    ///
    /// - Throws: as `LogisticRegression.predict`.
    public func predict(_ x: Tensor) throws -> [Int] { try fitted().predict(x) }

    /// The probabilities `[samples, classes]` of ``bestEstimator``.
    ///
    /// - Throws: as `LogisticRegression.predictProba`.
    public func predictProba(_ x: Tensor) throws -> Tensor { try fitted().predictProba(x) }

    /// The accuracy of ``bestEstimator``, from 0 to 1.
    ///
    /// - Throws: as `LogisticRegression.score`.
    public func score(_ x: Tensor, _ y: [Int]) throws -> Double { try fitted().score(x, y) }
}
