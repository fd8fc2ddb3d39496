import Foundation
import Reporting
import Testing

@Suite struct RunRecordTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).run.json").path

    @Test func writtenAndReadItIsTheSameRecord() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try RunRecord.example.write(to: path)
        let bytes = FileManager.default.contents(atPath: path)
        #expect(try RunRecord(contentsOf: path) == .example)
        try RunRecord.example.write(to: path)
        #expect(FileManager.default.contents(atPath: path) == bytes)
    }

    /// What does not hold together, and how it is said.
    private static let faults: [(message: String, change: @Sendable (inout RunRecord) -> Void)] = [
        ("epochs and batch size", { $0.experiment.epochs = 0 }),
        ("version 2", { $0.version = 2 }),
        ("need a name", { $0.chapter = "" }),
        ("more trainable parameters", { $0.network.trainableParameters = 101 }),
        ("not numbered from 1", { $0.epochs[1].number = 3 }),
        ("more epochs than the experiment", { $0.experiment.epochs = 1 }),
        ("epoch 2 has no loss", { $0.epochs[1].metrics["loss"] = nil }),
        ("no stage", { $0.stages = [] }),
        ("how epoch 1 was trained", { $0.stages.removeFirst() }),
        ("stages end before its epochs", { $0.stages.removeLast() }),
        ("ends before it begins", { $0.stages[0].ended = .distantPast }),
        ("is not from 0 to 1", { $0.test?.metrics["rank1"] = 55.4 }),
        ("not square", { $0.test?.confusionMatrix = [[4]] + [[]] }),
        ("does not add up", { $0.test?.confusionMatrix = [[2, 0], [1, 2]] }),
        ("accuracy is not the confusion matrix's", { $0.test?.metrics["accuracy"] = 0.5 }),
        ("3 class names for 2", { $0.test?.classNames = ["a", "b", "c"] }),
    ]

    @Test(arguments: faults.indices)
    func whatDoesNotHoldTogetherIsRefused(index: Int) throws {
        let (message, change) = Self.faults[index]
        defer { try? FileManager.default.removeItem(atPath: path) }
        var record = RunRecord.example
        #expect(record.fault == nil)
        change(&record)
        #expect(record.fault?.contains(message) == true, "\(record.fault ?? "no fault")")
        try record.write(to: path)
        #expect(throws: RunRecordError.self) { try RunRecord(contentsOf: path) }
    }

    @Test(arguments: [
        ("", "is not JSON"), ("[]", "of another kind"), ("{}", "\"version\" is missing"),
        ("\u{0}\u{ff}", "is not JSON"),
        ("{\"version\": \"1\"}", "\"version\" is of another kind"),
    ])
    func aFileThatIsNoRecordIsNamed(text: String, message: String) throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let error = try #require(throws: RunRecordError.self) { _ = try RunRecord(contentsOf: path) }
        #expect(error.description.contains(path) && error.description.contains(message), "\(error)")
        #expect(throws: RunRecordError.self) { try RunRecord(contentsOf: path + ".nowhere") }
    }
}
