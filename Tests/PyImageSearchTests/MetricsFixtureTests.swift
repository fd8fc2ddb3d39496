import FixtureSupport
import NeuralNetwork
import PyImageSearch
import Tensors
import Testing

/// scikit-learn's numbers and texts, whatever cases metrics.json holds.
@Suite struct MetricsFixtureTests {
    private static func cases(_ key: String) throws -> [JSON] { try Fixtures.json("metrics.json")[key]?.array ?? [] }

    @Test(arguments: try cases("classification_reports"))
    func report(fixture: JSON) throws {
        let truth = integers(fixture["y_true"]), predictions = integers(fixture["y_pred"])
        let names = (fixture["target_names"]?.array ?? []).compactMap(\.string)
        let report = try ClassificationReport(truth: truth, predictions: predictions, classNames: names)
        #expect(report.text(digits: 2) == fixture["text"]?.string)
        #expect(report.text(digits: 4) == fixture["text_digits4"]?.string)
        #expect(report.confusionMatrix == fixture["confusion_matrix"]?.array?.map(integers))
        #expect(
            try classificationReport(truth: truth, predictions: predictions, targetNames: names)
                == fixture["text"]?.string)

        let expected = fixture["dict"]
        for row in report.classes + [report.macroAverage, report.weightedAverage] {
            let numbers = expected?[row.name]
            expectEqual(row.precision, numbers?["precision"])
            expectEqual(row.recall, numbers?["recall"])
            expectEqual(row.f1, numbers?["f1-score"])
            expectEqual(Double(row.support), numbers?["support"])
        }
        expectEqual(report.accuracy, expected?["accuracy"])
    }

    @Test(arguments: try cases("ranked"))
    func ranked(fixture: JSON) throws {
        let rows = (fixture["predictions"]?.array ?? []).map { ($0.array ?? []).compactMap(\.number) }
        let classes = rows.first?.count ?? 0
        let predictions = Tensor(shape: [rows.count, classes], scalars: rows.joined().map { Float($0) })
        let (rank1, rank5) = rank5Accuracy(predictions, integers(fixture["labels"]))
        expectEqual(rank1, fixture["rank1"])
        expectEqual(rank5, fixture["rank5"])
    }

    @Test(arguments: ["label_encoding", "label_encoding_two_classes", "label_encoding_integers"])
    func labels(key: String) throws {
        let fixture = try #require(Fixtures.json("metrics.json")[key])
        let entries = fixture["labels"]?.array ?? []
        if entries.first?.string != nil {
            try check(entries.compactMap(\.string), fixture) { $0.string }
        } else {
            try check(entries.compactMap(\.integer), fixture) { $0.integer }
        }
    }

    private func check<Label: LabelType>(_ labels: [Label], _ fixture: JSON, _ label: (JSON) -> Label?) throws {
        var binarizer = LabelBinarizer<Label>()
        let rows = binarizer.fitTransform(labels)
        #expect(matrix(rows) == fixture["binarizer"]?.array?.map(integers))
        #expect(binarizer.inverseTransform(rows) == labels)
        let classes = (fixture["binarizer_classes"] ?? fixture["classes"])?.array?.compactMap(label)
        #expect(binarizer.classes == classes)
        if let unseen = fixture["transform_unseen"] {
            let transformed = binarizer.transform((unseen["input"]?.array ?? []).compactMap(label))
            #expect(matrix(transformed) == unseen["output"]?.array?.map(integers))
        }
        var encoder = LabelEncoder<Label>()
        let numbers = encoder.fitTransform(labels)
        #expect(try encoder.transform(labels) == numbers)
        #expect(try encoder.inverseTransform(numbers) == labels)
        #expect(throws: LabelError.self) { try encoder.inverseTransform([labels.count]) }
        if let expected = fixture["encoder"] { #expect(numbers == integers(expected)) }
        if let classes = fixture["encoder_classes"] { #expect(encoder.classes == classes.array?.compactMap(label)) }
    }

    // MARK: -

    private func integers(_ json: JSON?) -> [Int] { (json?.array ?? []).compactMap(\.integer) }

    private func matrix(_ rows: Tensor) -> [[Int]] {
        (0..<rows.shape[0]).map { rows[rows: $0..<$0 + 1].scalars.map { Int($0) } }
    }

    private func expectEqual(_ value: Double, _ expected: JSON?, _ location: SourceLocation = #_sourceLocation) {
        let expected = expected?.number ?? .nan
        #expect(abs(value - expected) <= 1e-9, "\(value), not \(expected)", sourceLocation: location)
    }
}

@Suite struct RankedTests {
    @Test func labelsWithoutPredictionCountAsWrong() {
        let predictions = Tensor(shape: [1, 6], scalars: [0.1, 0.2, 0.3, 0.1, 0.2, 0.1])
        #expect(rank5Accuracy(predictions, [2, 2]) == (0.5, 0.5))
    }

    @Test func reportRefusesLabelsThatAreNoClass() {
        #expect(throws: LabelError.self) {
            try ClassificationReport(truth: [0, 3], predictions: [0, 1], classNames: ["a", "b"])
        }
        #expect(throws: LabelError.self) {
            try ClassificationReport(truth: [0], predictions: [0, 1], classNames: ["a", "b"])
        }
    }
}
