import FixtureSupport
import Foundation
import NeuralNetwork
import Runs
import System
import Testing

/// A model's result goes into the record of the run that trained it, and into no other.
@Suite struct FilingResultsTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()) ä").path
    private var own: String { "\(folder)/own.run.json" }
    private var other: String { "\(folder)/other.run.json" }

    private func model() throws -> Model {
        let input = Input(shape: [2])
        let model = try Model(inputs: input, outputs: Dense(3)(input)).on(.any)
        try WholeFile.makeFolder(folder)
        var record = RunRecord.example
        try record.write(to: other)
        record.weights = try model.fingerprint()
        record.test = nil
        try record.write(to: own)
        return model
    }

    private func add(
        _ metrics: [String: Double], images: Int = 4, of model: Model, to place: String
    ) throws -> [String] {
        var reports: [String] = []
        let result = RunRecord.TestResult(images: images, metrics: metrics)
        try RunRecord.add(result, of: model, to: place) { reports.append($0) }
        return reports
    }

    @Test func theRecordIsFoundByTheWeights() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let model = try model(), before = try RunRecord(contentsOf: other)
        try Data("{}".utf8).write(to: URL(filePath: "\(folder)/a.run.json"))
        #expect(try add(["rank1": 0.25, "rank5": 0.5], of: model, to: folder) == ["added to \(own)"])
        // Metrics that are not measured again stay.
        #expect(try add(["rank5": 1, "rank5_ten_crops": 1], of: model, to: own) == ["added to \(own)"])
        let test = try RunRecord(contentsOf: own).test
        #expect(test?.images == 4 && test?.metrics == ["rank1": 0.25, "rank5": 1, "rank5_ten_crops": 1])
        #expect(try RunRecord(contentsOf: other) == before)
    }

    /// Numbers alone leave a report where it is, and numbers of other images are not mixed with it.
    @Test func aReportStays() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let model = try model()
        var record = try RunRecord(contentsOf: own)
        record.test = try .init(predictions: [0, 1, 1, 2], truth: [0, 1, 2, 2], classNames: ["a", "b", "c"])
        try record.write(to: own)
        #expect(try add(["ensemble_accuracy": 1], of: model, to: own) == ["added to \(own)"])
        let test = try #require(try RunRecord(contentsOf: own).test)
        #expect(test.metrics == ["accuracy": 0.75, "ensemble_accuracy": 1])
        #expect(test.confusionMatrix == record.test?.confusionMatrix && test.classNames == ["a", "b", "c"])
        #expect(test.classificationReport == record.test?.classificationReport)

        let reports = try add(["ensemble_accuracy": 0.5], images: 2, of: model, to: own)
        #expect(reports == ["not added: \(own) has a test on 4 images, and this one is on 2"])
        #expect(try RunRecord(contentsOf: own).test == test)
    }

    @Test func aResultThatCannotBeFiledIsReported() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let model = try model()
        let bytes = FileManager.default.contents(atPath: other)
        #expect(
            try add(["rank1": 1], of: model, to: other) == ["not added: the run of \(other) ended with other weights"])
        #expect(FileManager.default.contents(atPath: other) == bytes)
        #expect(
            try add(["rank1": 1], of: model, to: "\(folder)/x.json") == [
                "there is no record at \(folder)/x.json to add it to"
            ])
        try withExtendedLifetime(OutputLock(folder)) {
            let reports = try add(["rank1": 1], of: model, to: folder)
            #expect(reports[0].contains("is in use"))
        }
        try FileManager.default.removeItem(atPath: own)
        #expect(try add(["rank1": 1], of: model, to: folder)[0].contains("no record in \(folder) is of the run"))
    }
}
