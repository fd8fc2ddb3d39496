import FixtureSupport
import NeuralNetwork
@testable import ScikitLearn
import Tensors
import Testing

@Suite struct GridSearchCVTests {
    private let x = hashUniform("grid/x", shape: [45, 4], -1, 1)
    private var y: [Int] { (0..<45).map { x.scalars[4 * $0] + x.scalars[4 * $0 + 3] > 0 ? $0 % 2 : 2 } }

    @Test(.enabled(if: FixtureFile.logistic.exists)) func scoresFoldsAndBestAreScikitLearns() throws {
        for fixture in try LogisticFixture.all() {
            let cases = try fixture.cases("grid_")
            #expect(!cases.isEmpty)
            for (name, expected) in cases {
                let grid = try #require(try expected.setting("grid").array).compactMap(\.number)
                let cv = StratifiedKFold(nSplits: 3)
                #expect(try cv.testFolds(fixture.y) == expected.integers("test_fold"), "\(name)")
                let estimator = LogisticRegression(
                    solver: try expected.solver(), tolerance: 1e-10, maxIterations: 10_000)
                var search = GridSearchCV(estimator, c: grid, cv: cv, jobs: 2)
                try search.fit(fixture.x, fixture.y) { _ in }

                #expect(search.results.map(\.c) == grid, "\(name)")
                #expect(
                    try search.results.flatMap(\.splitTestScores) == expected.doubles("split_test_scores"), "\(name)")
                #expect(try search.results.map(\.meanTestScore) == expected.doubles("mean_test_score"), "\(name)")
                #expect(try search.results.map(\.stdTestScore) == expected.doubles("std_test_score"), "\(name)")
                #expect(try search.results.map(\.rankTestScore) == expected.integers("rank_test_score"), "\(name)")
                #expect(try search.bestC == expected.number("best_C"), "\(name)")
                #expect(try search.bestScore == expected.number("best_score"), "\(name)")
            }
        }
    }

    /// Where scikit-learn's default tolerance scores alike, so does ours.
    @Test(.enabled(if: FixtureFile.logistic.exists)) func defaultToleranceScoresAsWell() throws {
        for fixture in try LogisticFixture.all() {
            for (name, expected) in try fixture.cases("grid_")
            where try expected.setting("same_with_default_tolerance").bool ?? true {
                let grid = try #require(try expected.setting("grid").array).compactMap(\.number)
                var search = GridSearchCV(
                    LogisticRegression(solver: try expected.solver()), c: grid, cv: StratifiedKFold(nSplits: 3))
                try search.fit(fixture.x, fixture.y) { _ in }
                #expect(
                    try search.results.flatMap(\.splitTestScores) == expected.doubles("split_test_scores"), "\(name)")
            }
        }
    }

    @Test(arguments: LogisticRegression.Solver.allCases)
    func theBestIsFittedToAllSamples(_ solver: LogisticRegression.Solver) throws {
        var search = GridSearchCV(LogisticRegression(solver: solver), c: [1e-4, 10, 1e3])
        #expect(search.bestC == nil && search.bestScore == nil && search.bestEstimator == nil)
        #expect(throws: LogisticRegressionError.notFitted) { try search.predict(x) }
        try search.fit(x, y) { _ in }
        let best = try #require(search.bestC)
        var alone = LogisticRegression(c: best, solver: solver)
        try alone.fit(x, y) { _ in }
        #expect(search.bestEstimator == alone)
        #expect(try search.predict(x) == alone.predict(x))
        #expect(try search.predictProba(x) == alone.predictProba(x))
        #expect(try search.score(x, y) == alone.score(x, y))
        #expect(search.results.allSatisfy { $0.splitTestScores.count == 5 })
    }

    @Test(arguments: LogisticRegression.Solver.allCases)
    func threadsChangeNothing(_ solver: LogisticRegression.Solver) throws {
        let grid = [0.01, 1, 100]
        var one = GridSearchCV(LogisticRegression(solver: solver), c: grid)
        var four = GridSearchCV(LogisticRegression(solver: solver), c: grid, jobs: 4)
        try one.fit(x, y) { _ in }
        try four.fit(x, y) { _ in }
        #expect(one.results == four.results)
        #expect(one.bestEstimator == four.bestEstimator)
    }

    @Test func theFirstOfEqualsIsTheBest() throws {
        var search = GridSearchCV(LogisticRegression(), c: [3, 3, 1e-9, 3])
        try search.fit(x, y) { _ in }
        #expect(search.results.map(\.rankTestScore) == [1, 1, 4, 1])
        var reversed = GridSearchCV(LogisticRegression(), c: [1e-12, 1e-11])
        try reversed.fit(x, y) { _ in }
        #expect(reversed.bestC == 1e-12)
    }

    @Test func manyFitsThatDoNotConvergeWarnOnce() throws {
        var warnings: [String] = []
        var search = GridSearchCV(LogisticRegression(tolerance: 1e-9, maxIterations: 1), c: [1, 1000], jobs: 2)
        try search.fit(x, y) { warnings.append($0) }
        #expect(warnings.count == 2)
        #expect(warnings.first?.hasPrefix("10 of 10 fits: lbfgs did not converge in 1 iterations") == true)
    }

    @Test func searchesThatCannotBeThrow() {
        func error(_ grid: [Double], folds: Int, _ labels: [Int]) -> (any Error)? {
            var search = GridSearchCV(LogisticRegression(), c: grid, cv: StratifiedKFold(nSplits: folds))
            do {
                try search.fit(x, labels) { _ in }
                return nil
            } catch { return error }
        }
        #expect(error([], folds: 3, y) as? LogisticRegressionError == .noGrid)
        #expect(error([1, 0], folds: 3, y) as? LogisticRegressionError == .invalidC(0))
        #expect(error([1], folds: 3, y.map { _ in 4 }) as? LogisticRegressionError == .oneClass(4))
        #expect(
            error([1], folds: 3, [1]) as? LogisticRegressionError == .differentLengths(samples: 45, labels: 1))
        #expect(error([1], folds: 1, y) as? SplitError == .invalidFolds(1))
        #expect(
            error([1], folds: 46, y) as? SplitError
                == .fewerSamplesThanFolds(folds: 46, largestClass: (0...2).map { k in y.count { $0 == k } }.max() ?? 0))
        // One fold has the only sample of the second class, so the others have one class.
        let oneOfAClass = error([1], folds: 3, (0..<45).map { $0 == 0 ? 1 : 0 })
        #expect(oneOfAClass as? LogisticRegressionError == .oneClassInFold(0, fold: 1))
    }
}
