import FixtureSupport
@testable import ScikitLearn
import Testing

@Test(.enabled(if: FixtureFile.metrics.exists)) func reportsMatchScikitLearn() throws {
    let reports = try MetricsFixture.load().reports
    #expect(!reports.isEmpty)
    for report in reports {
        let (truth, predictions) = (report.truth, report.predictions)
        let text = try classificationReport(truth: truth, predictions: predictions, targetNames: report.targetNames)
        #expect(text == report.text, "\(report.name)")
        let text4 = try classificationReport(
            truth: truth, predictions: predictions, targetNames: report.targetNames, digits: 4)
        #expect(text4 == report.textDigits4, "\(report.name)")
        let matrix = try confusionMatrix(truth: truth, predictions: predictions, classes: report.targetNames.count)
        #expect(matrix == report.confusionMatrix, "\(report.name)")

        let metrics = try ClassificationMetrics(
            truth: truth, predictions: predictions, classes: report.targetNames.count)
        var scores = Dictionary(zip(report.targetNames, metrics.classes), uniquingKeysWith: { $1 })
        scores["micro avg"] = metrics.micro
        scores["macro avg"] = metrics.macro
        scores["weighted avg"] = metrics.weighted
        for (name, row) in report.rows {
            switch row {
            case .number(let accuracy): #expect(abs(metrics.accuracy - accuracy) <= 1e-9, "\(report.name)")
            case .scores(let expected):
                let actual = try #require(scores[name])
                #expect(abs(actual.precision - expected.precision) <= 1e-9, "\(report.name), \(name)")
                #expect(abs(actual.recall - expected.recall) <= 1e-9, "\(report.name), \(name)")
                #expect(abs(actual.f1 - expected.f1) <= 1e-9, "\(report.name), \(name)")
                #expect(Double(actual.support) == expected.support, "\(report.name), \(name)")
            }
        }
    }
}

@Test(.enabled(if: FixtureFile.splits.exists)) func accuraciesMatchScikitLearn() throws {
    let accuracies = try SplitsFixture.load().accuracies
    #expect(!accuracies.isEmpty)
    for (number, expected) in accuracies.enumerated() {
        func chance(_ name: String) -> [Float] { hashUniform("f2/splits/accuracy/\(number)/\(name)", expected.n, 0, 1) }
        let truth = chance("true").map { Int($0 * Float(expected.classes)) }
        let predictions = zip(truth, chance("right")).map { $1 < 0.8 ? $0 : ($0 + 1) % expected.classes }
        if let stored = expected.truth { #expect(truth == stored) }
        if let stored = expected.predictions { #expect(predictions == stored) }
        #expect(zip(truth, predictions).count { $0 == $1 } == expected.correct)
        #expect(try accuracyScore(truth: truth, predictions: predictions) == expected.score)
    }
}

@Test func aReportOfSomeLabelsHasAMicroAverage() throws {
    let text = try classificationReport(
        truth: [0, 1, 2, 2], predictions: [0, 2, 2, 1], targetNames: ["a", "c"], labels: [0, 2])
    #expect(
        text == """
                          precision    recall  f1-score   support

                       a       1.00      1.00      1.00         1
                       c       0.50      0.50      0.50         2

               micro avg       0.67      0.67      0.67         3
               macro avg       0.75      0.75      0.75         3
            weighted avg       0.67      0.67      0.67         3

            """)
}

@Test func classesThatNeverOccurHaveARow() throws {
    let text = try classificationReport(
        truth: [0, 1], predictions: [0, 0], targetNames: ["é", "ok", "none"], digits: 0)
    #expect(
        text == """
                          precision    recall  f1-score   support

                       é          0         1         1         1
                      ok          0         0         0         1
                    none          0         0         0         0

                accuracy                              0         2
               macro avg          0         0         0         2
            weighted avg          0         0         0         2

            """)
}

@Test func supportHasADecimalIfNothingIsRight() throws {
    let text = try classificationReport(truth: [0, 0, 0], predictions: [1, 1, 1], targetNames: ["no", "yes"])
    #expect(
        text == """
                          precision    recall  f1-score   support

                      no       0.00      0.00      0.00       3.0
                     yes       0.00      0.00      0.00       0.0

                accuracy                           0.00       3.0
               macro avg       0.00      0.00      0.00       3.0
            weighted avg       0.00      0.00      0.00       3.0

            """)
}

@Test func namesAreAsWideAsTheirCodePoints() throws {
    let decomposed = "e\u{301}xactly14code"
    let text = try classificationReport(truth: [0], predictions: [0], targetNames: [decomposed])
    // Fourteen code points in thirteen characters, and the two spaces before a column.
    #expect(text.hasPrefix(String(repeating: " ", count: 14 + 2) + "precision"))
}

@Test func sumsAreInNumPysOrder() {
    // The running total of ten tenths is 0.9999999999999999; with eight lanes it is 1, as numpy.sum says.
    #expect([Double](repeating: 0.1, count: 10).reduce(0, +) < 1)
    #expect(pairwiseSum([Double](repeating: 0.1, count: 10)) == 1)
    for count in [0, 1, 7, 8, 9, 127, 128, 129, 130, 1000, 1003] {
        #expect(pairwiseSum((0..<count).map(Double.init)) == Double(count * (count - 1) / 2))
    }
}

@Test func predictionsThatCannotBeEvaluatedThrow() {
    func error(_ truth: [Int], _ predictions: [Int], _ names: [String], _ labels: [Int]? = nil, digits: Int = 2)
        -> ClassificationError?
    {
        do {
            _ = try classificationReport(
                truth: truth, predictions: predictions, targetNames: names, labels: labels, digits: digits)
            return nil
        } catch {
            return error
        }
    }
    #expect(error([0, 1], [0], ["a", "b"]) == .differentLengths(truth: 2, predictions: 1))
    #expect(error([], [], ["a"]) == .noSamples)
    #expect(error([0], [0], []) == .noClasses)
    #expect(error([0, 2], [0, 0], ["a", "b"]) == .labelOutOfRange(label: 2, index: 1, classes: 2))
    #expect(error([0, 1], [-1, 0], ["a", "b"]) == .labelOutOfRange(label: -1, index: 0, classes: 2))
    #expect(error([0], [0], ["a"], [0, 1]) == .differentNameCount(names: 1, labels: 2))
    #expect(error([0], [0], ["a"], digits: -1) == .invalidDigits(-1))
    #expect(throws: ClassificationError.noClasses) { try confusionMatrix(truth: [], predictions: [], classes: 0) }
    #expect(throws: ClassificationError.labelOutOfRange(label: 3, index: 1, classes: 3)) {
        try confusionMatrix(truth: [0, 1], predictions: [0, 3], classes: 3)
    }
    #expect(throws: ClassificationError.labelOutOfRange(label: 0, index: 0, classes: -1)) {
        try ClassificationMetrics(truth: [0], predictions: [0], classes: -1)
    }
}
