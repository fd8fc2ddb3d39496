import FixtureSupport
import Foundation
import NeuralNetwork
@testable import ScikitLearn
import Tensors
import Testing

@Suite struct LogisticRegressionTests {
    /// Three classes of points in the plane that a line cannot separate.
    private let x = hashUniform("logistic/x", shape: [60, 2], -1, 1)
    private var y: [Int] {
        let noise = hashUniform("logistic/noise", 60, -0.5, 0.5)
        return (0..<60).map { row in
            let sum = x.scalars[2 * row] + x.scalars[2 * row + 1] + noise[row]
            return sum < -0.3 ? 7 : sum < 0.4 ? -2 : 3
        }
    }

    @Test(.enabled(if: FixtureFile.logistic.exists), arguments: LogisticRegression.Solver.allCases)
    func coefficientsAndProbabilitiesAreScikitLearns(_ solver: LogisticRegression.Solver) throws {
        for fixture in try LogisticFixture.all() {
            let cases = try fixture.cases("\(solver)_C")
            #expect(!cases.isEmpty)
            for (name, expected) in cases {
                var classifier = LogisticRegression(
                    c: try expected.number("C"), solver: try expected.solver(), tolerance: 1e-10,
                    maxIterations: 10_000)
                try classifier.fit(fixture.x, fixture.y) { _ in }

                let coefficients = try expected.doubles("coef"), intercepts = try expected.doubles("intercept")
                let largest = (coefficients + intercepts).map(abs).max() ?? 0
                let coefficientsOff = largestDifference(classifier.coefficients.joined(), coefficients) / largest
                let interceptsOff = largestDifference(classifier.intercepts, intercepts) / largest
                #expect(coefficientsOff <= 1e-4, "\(name)")
                #expect(interceptsOff <= 1e-4, "\(name)")
                let probabilities = try classifier.predictProba(fixture.probe)
                let probabilitiesOff = largestDifference(
                    probabilities.scalars.map(Double.init), try expected.doubles("predict_proba"))
                #expect(probabilitiesOff <= 1e-5, "\(name)")
                #expect(probabilities.shape == [fixture.probe.rowCount, classifier.classes.count])
                #expect(try classifier.score(fixture.x, fixture.y) == expected.number("train_accuracy"), "\(name)")
            }
        }
    }

    /// With another meaning of the tolerance, the solvers would take other numbers of steps than scikit-learn's. Rounding
    /// changes them by one or two.
    @Test(.enabled(if: FixtureFile.logistic.exists), arguments: LogisticRegression.Solver.allCases)
    func theToleranceMeansWhatScikitLearnsDoes(_ solver: LogisticRegression.Solver) throws {
        for fixture in try LogisticFixture.all() {
            for (name, expected) in try fixture.cases("\(solver)_C") {
                var classifier = LogisticRegression(c: try expected.number("C"), solver: solver)
                try classifier.fit(fixture.x, fixture.y)
                let steps = try #require(try expected.setting("n_iter_default_tolerance").array).compactMap(\.number)
                let difference = largestDifference(classifier.iterations.map(Double.init), steps)
                #expect(difference <= max(1, 0.05 * (steps.max() ?? 0)), "\(name)")
            }
        }
    }

    @Test(arguments: LogisticRegression.Solver.allCases)
    func labelsMayBeAnyNumbers(_ solver: LogisticRegression.Solver) throws {
        var classifier = LogisticRegression(c: 100, solver: solver)
        try classifier.fit(x, y)
        #expect(classifier.classes == [-2, 3, 7])
        let predictions = try classifier.predict(x), scores = try classifier.decisionFunction(x)
        let probabilities = try classifier.predictProba(x)
        #expect(Set(predictions) == [-2, 3, 7])
        for row in 0..<60 {
            let best = try #require(scores[row].indices.max { scores[row][$0] < scores[row][$1] })
            #expect(predictions[row] == classifier.classes[best])
            #expect(abs(probabilities.scalars[3 * row..<3 * row + 3].reduce(0, +) - 1) < 1e-6)
        }
        let right = zip(predictions, y).count { $0 == $1 }
        #expect(try classifier.score(x, y) == Double(right) / 60)
        #expect(right > 40)
    }

    @Test(arguments: LogisticRegression.Solver.allCases)
    func twoClassesHaveOneRowOfTheSecond(_ solver: LogisticRegression.Solver) throws {
        let labels = y.map { $0 == 7 ? 1 : 0 }
        // Whichever label comes first: liblinear's signs depend on it.
        for flipped in [labels, labels.map { 1 - $0 }] {
            var classifier = LogisticRegression(c: 10, solver: solver)
            try classifier.fit(x, flipped)
            #expect(classifier.coefficients.count == 1 && classifier.intercepts.count == 1)
            #expect(try classifier.score(x, flipped) > 0.7)
            let probabilities = try classifier.predictProba(x)
            for (row, prediction) in try classifier.predict(x).enumerated() {
                #expect((probabilities.scalars[2 * row + 1] > 0.5) == (prediction == 1))
            }
        }
    }

    @Test(arguments: LogisticRegression.Solver.allCases)
    func threadsChangeNothing(_ solver: LogisticRegression.Solver) throws {
        var one = LogisticRegression(solver: solver), three = one
        try one.fit(x, y)
        try three.fit(x, y, jobs: 3)
        #expect(one == three)
    }

    /// More rows than a block of features has, and features that are 0.
    @Test func blocksChangeNothing() throws {
        let wide = 200_000
        var many = Tensor(shape: [12, wide])
        for row in 0..<12 {
            many.scalars[row * wide] = x.scalars[2 * row]
            many.scalars[(row + 1) * wide - 1] = x.scalars[2 * row + 1]
        }
        for solver in LogisticRegression.Solver.allCases {
            var narrow = LogisticRegression(solver: solver, tolerance: 1e-9, maxIterations: 1000), broad = narrow
            try narrow.fit(x[rows: 0..<12], Array(y[..<12])) { _ in }
            try broad.fit(many, Array(y[..<12])) { _ in }
            for (row, expected) in zip(broad.coefficients, narrow.coefficients) {
                #expect(largestDifference([row[0], row[wide - 1]], expected) < 1e-6, "\(solver)")
                #expect(row[1..<wide - 1].allSatisfy { $0 == 0 }, "\(solver)")
            }
            #expect(largestDifference(broad.intercepts, narrow.intercepts) < 1e-6, "\(solver)")
        }
    }

    @Test func aSolverThatDoesNotConvergeWarns() throws {
        for solver in LogisticRegression.Solver.allCases {
            var classifier = LogisticRegression(c: 1000, solver: solver, tolerance: 1e-8, maxIterations: 2)
            var warnings: [String] = []
            try classifier.fit(x, y) { warnings.append($0) }
            #expect(warnings.count == 1, "\(solver)")
            #expect(warnings.first?.contains("\(solver)") == true)
            #expect(warnings.first?.contains("allow more than 2 iterations") == true)
            #expect(try classifier.score(x, y) > 0.5)

            classifier.maxIterations = 100
            try classifier.fit(x, y) { warnings.append($0) }
            #expect(warnings.count == 1, "\(solver)")
        }
        var lbfgs = LogisticRegression(maxIterations: 2)
        try lbfgs.fit(x, y) { _ in }
        #expect(lbfgs.iterations == [2])
    }

    /// Features far above 1 leave libLBFGS's first line search no interval. The minima are scikit-learn's 1.9.1, with a
    /// tolerance of 1e-9: mean cross-entropy plus |coefficients|² / (2 · C · samples).
    @Test(arguments: [(scale: 100.0, minimum: 6.673901789e-05), (scale: 10_000, minimum: 1.860028930e-08)])
    func unscaledFeaturesAreFitted(scale: Double, minimum: Double) throws {
        let x = hashUniform("z", shape: [60, 300], -scale, scale), labels = (0..<60).map { $0 * 7 % 13 % 3 }
        var classifier = LogisticRegression(c: 1, tolerance: 1e-9, maxIterations: 2000), warnings: [String] = []
        try classifier.fit(x, labels) { warnings.append($0) }
        #expect(warnings.isEmpty)
        let loss = try zip(classifier.decisionFunction(x), labels).map { scores, label in
            log(scores.map { exp($0 - scores[label]) }.reduce(0, +))
        }.reduce(0, +)
        let squares = classifier.coefficients.joined().map { $0 * $0 }.reduce(0, +)
        #expect(abs((loss + squares / 2) / 60 - minimum) < 1e-5 * minimum)
    }

    @Test func extremeScoresGiveProbabilities() throws {
        var classifier = LogisticRegression(c: 1e6)
        for solver in LogisticRegression.Solver.allCases {
            classifier.solver = solver
            for labels in [y, y.map { $0 == 3 ? 1 : 0 }] {
                try classifier.fit(x, labels) { _ in }
                let far = Tensor(shape: [4, 2], scalars: [1e30, 1e30, -1e30, -1e30, 1e30, -1e30, -1e30, 1e30])
                let probabilities = try classifier.predictProba(far)
                for row in 0..<4 {
                    let sum = (0..<classifier.classes.count).reduce(Float(0)) { sum, place in
                        sum + probabilities.scalars[row * classifier.classes.count + place]
                    }
                    #expect(abs(sum - 1) < 1e-6, "\(solver)")
                }
            }
        }
    }

    // MARK: - Mistakes

    private func error(
        _ x: Tensor, _ y: [Int], c: Double = 1, tolerance: Double = 1e-4, maxIterations: Int = 100
    ) -> [LogisticRegressionError?] {
        LogisticRegression.Solver.allCases.map { solver in
            var classifier = LogisticRegression(
                c: c, solver: solver, tolerance: tolerance, maxIterations: maxIterations)
            do {
                try classifier.fit(x, y)
                return nil
            } catch { return error as? LogisticRegressionError }
        }
    }

    @Test func samplesThatCannotBeFittedThrow() {
        let two = Tensor(shape: [2, 2], scalars: [1, 2, 3, 4])
        func expect(
            _ errors: [LogisticRegressionError?], _ expected: LogisticRegressionError,
            _ place: SourceLocation = #_sourceLocation
        ) {
            #expect(errors == [expected, expected], sourceLocation: place)
        }
        expect(error(two, [5, 5]), .oneClass(5))
        expect(error(two, [0, 1, 1]), .differentLengths(samples: 2, labels: 3))
        expect(error(Tensor(shape: [0, 2]), []), .noSamples)
        expect(error(Tensor(shape: [2, 0]), [0, 1]), .invalidShape("(2, 0)"))
        expect(error(Tensor(shape: [2]), [0, 1]), .invalidShape("(2)"))
        expect(error(Tensor(shape: [2, 1, 1]), [0, 1]), .invalidShape("(2, 1, 1)"))
        for value in [Float.nan, .infinity, -.infinity] {
            expect(
                error(Tensor(shape: [2, 2], scalars: [1, 2, 3, value]), [0, 1]), .notFinite(sample: 1, feature: 1))
        }
        for c in [0, -1, .infinity] { expect(error(two, [0, 1], c: c), .invalidC(c)) }
        for tolerance in [0, -1, .infinity] {
            expect(error(two, [0, 1], tolerance: tolerance), .invalidTolerance(tolerance))
        }
        expect(error(two, [0, 1], maxIterations: 0), .invalidIterations(0))
        #expect(error(two, [0, 1], c: .nan).allSatisfy { $0?.description.hasPrefix("C is nan") == true })
    }

    @Test func aClassifierThatCannotPredictThrows() throws {
        let fresh = LogisticRegression()
        #expect(throws: LogisticRegressionError.notFitted) { try fresh.predict(x) }
        #expect(throws: LogisticRegressionError.notFitted) { try fresh.predictProba(x) }
        #expect(throws: LogisticRegressionError.notFitted) { try fresh.score(x, y) }
        var classifier = LogisticRegression()
        try classifier.fit(x, y)
        #expect(throws: LogisticRegressionError.differentFeatures(3, expected: 2)) {
            try classifier.predict(Tensor(shape: [1, 3]))
        }
        #expect(throws: LogisticRegressionError.invalidShape("(2)")) { try classifier.predict(Tensor(shape: [2])) }
        #expect(throws: ClassificationError.differentLengths(truth: 1, predictions: 60)) {
            try classifier.score(x, [1])
        }
        #expect(try classifier.predict(Tensor(shape: [0, 2])).isEmpty)
        #expect(try classifier.predictProba(Tensor(shape: [0, 2])).shape == [0, 3])
    }

    @Test func aFailedFitChangesNothing() throws {
        var classifier = LogisticRegression()
        try classifier.fit(x, y)
        let before = classifier
        #expect(throws: LogisticRegressionError.oneClass(1)) { try classifier.fit(x, y.map { _ in 1 }) }
        #expect(classifier == before)
    }

    /// liblinear would compute without end.
    @Test func hugeFeaturesThrow() throws {
        let huge = Tensor(shape: x.shape, scalars: x.scalars.map { $0 * 3e38 })
        #expect(error(huge, y, c: 1e80) == [.overflow, .overflow])
        #expect(error(x, y, c: 1e300) == [.overflow, .overflow])
    }

    /// It takes a second, or hours if a solver does not end. Other tests may run beside it.
    @Test(.timeLimit(.minutes(20)), arguments: LogisticRegression.Solver.allCases)
    func noScaleAndNoCIsATrap(_ solver: LogisticRegression.Solver) throws {
        for c in [1e-300, 1e-20, 1e20, 1e60, 1e140, 1e147] {
            for scale: Float in [0, 1e-38, 1e-20, 1, 1e20, 1e37] {
                for column in 0...1 {
                    // All features, or every other one.
                    let scaled = x.scalars.enumerated().map { $0.offset % 2 < column ? $0.element : $0.element * scale }
                    var classifier = LogisticRegression(c: c, solver: solver)
                    do {
                        try classifier.fit(Tensor(shape: x.shape, scalars: scaled), y) { _ in }
                        let numbers = Array(classifier.coefficients.joined()) + classifier.intercepts
                        let areFinite = numbers.allSatisfy(\.isFinite)
                        #expect(areFinite, "C \(c), features times \(scale)")
                    } catch let error as LogisticRegressionError { #expect(error == .overflow) }
                }
            }
        }
    }

    /// Balanced classes and features that say nothing: scikit-learn's solver stays where it begins, and is content.
    @Test func nothingToLearnIsLearned() throws {
        let tiny = Tensor(shape: [60, 2], scalars: x.scalars.map { $0 * 1e-9 })
        var classifier = LogisticRegression(), warnings: [String] = []
        try classifier.fit(tiny, (0..<60).map { $0 % 3 }) { warnings.append($0) }
        #expect(warnings.isEmpty)
        #expect(classifier.iterations == [0])
        #expect(classifier.coefficients == [[0, 0], [0, 0], [0, 0]] && classifier.intercepts == [0, 0, 0])
    }

    @Test func errorsAreOneLine() {
        let errors: [LogisticRegressionError] = [
            .invalidShape("(2)"), .differentLengths(samples: 1, labels: 2), .noSamples, .oneClass(1),
            .notFinite(sample: 1, feature: 2), .invalidC(0), .invalidTolerance(0), .invalidIterations(0),
            .tooLarge(bytes: 5), .tooMany(samples: 1, features: 2), .overflow, .refused(library: "a", reason: "b"),
            .notFitted, .differentFeatures(1, expected: 2), .noGrid, .differentNameCount(names: 1, classes: 2),
            .notAClassifier(file: "a", reason: "b"),
        ]
        for error in errors { #expect(!error.description.isEmpty && !error.description.contains("\n")) }
    }
}
