import Foundation
import HDF5
import Runs
import System
import Testing

@Suite struct RunRecordTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).run.json").path

    @Test func aRecordReadIsTheRecordWritten() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try RunRecord.example.write(to: path)
        let bytes = FileManager.default.contents(atPath: path)
        #expect(try RunRecord(contentsOf: path) == .example)
        try RunRecord.example.write(to: path)
        #expect(FileManager.default.contents(atPath: path) == bytes)
    }

    /// A run holds the lock of its folder, so nobody else may change the record meanwhile.
    @Test func aRecordIsChangedUnderItsFoldersLock() throws {
        let folder = path + ".folder"
        try WholeFile.makeFolder(folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let record = "\(folder)/x.run.json"
        try RunRecord.example.write(to: record)
        do {
            let lock = try OutputLock(folder)
            let error = #expect(throws: FileError.self) { try RunRecord.update(record) { $0.seed = 7 } }
            #expect(error?.description.contains("is in use") == true)
            withExtendedLifetime(lock) {}
        }
        #expect(try RunRecord(contentsOf: record) == .example)
        try RunRecord.update(record) { $0.seed = 7 }
        #expect(try RunRecord(contentsOf: record).seed == 7)
    }

    /// What is inconsistent, and the message about it.
    private static let faults: [(message: String, change: @Sendable (inout RunRecord) -> Void)] = [
        ("epochs and batch size", { $0.experiment.epochs = 0 }),
        ("version 3", { $0.version = 3 }),
        ("need a name", { $0.chapter = "" }),
        ("more trainable parameters", { $0.network.trainableParameters = 101 }),
        ("not numbered from 1", { $0.epochs[1].number = 3 }),
        ("more epochs than the experiment", { $0.experiment.epochs = 1 }),
        ("epoch 2 has no loss", { $0.epochs[1].metrics["loss"] = nil }),
        ("no stage", { $0.stages = [] }),
        ("how epoch 1 was trained", { $0.stages.removeFirst() }),
        ("stages end before its epochs", { $0.stages.removeLast() }),
        ("ends before it begins", { $0.stages[1].reachedEpoch = 0 }),
        ("is not from 0 to 1", { $0.test?.metrics["rank1"] = 55.4 }),
        ("not square", { $0.test?.confusionMatrix = [[4]] + [[]] }),
        ("does not add up", { $0.test?.confusionMatrix = [[2, 0], [1, 2]] }),
        ("accuracy is not the confusion matrix's", { $0.test?.metrics["accuracy"] = 0.5 }),
        ("not a time", { $0.epochs[1].seconds = 1e300 }),
        ("not a time", { $0.epochs[1].seconds = -1 }),
        ("not a speed", { $0.epochs[0].imagesPerSecond = 1e12 }),
        ("negative", { $0.dataset.classes = -1 }), ("too large", { $0.dataset.trainingImages = .max }),
        ("threads or seconds", { $0.stages[0].machine.threads = 0 }),
        ("a number that is not a count", { $0.test?.confusionMatrix = [[.max, .max], [1, 1]] }),
        ("a number that is not a count", { $0.test?.confusionMatrix = [[5, -1], [0, 0]] }),
        ("needs class names", { $0.test?.classNames = nil }),
        ("3 class names for 2", { $0.test?.classNames = ["a", "b", "c"] }),
    ]

    @Test(arguments: faults.indices)
    func anInconsistentRecordIsRefused(index: Int) throws {
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
        ("", "is not JSON"), ("[]", "of another type"), ("{}", "\"version\" is missing"),
        ("\u{0}\u{ff}", "is not JSON"),
        ("{\"version\": \"1\"}", "\"version\" is of another type"),
    ])
    func aFileThatIsNotARecordIsNamed(text: String, message: String) throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let error = try #require(throws: RunRecordError.self) { _ = try RunRecord(contentsOf: path) }
        #expect(error.description.contains(path) && error.description.contains(message), "\(error)")
        #expect(throws: RunRecordError.self) { try RunRecord(contentsOf: path + ".nowhere") }
    }

    /// JSON that is nested deeper than any stack, a pipe without a writer, an endless device.
    @Test func maliciousFilesAreRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        func refusal(_ path: String) -> String {
            let error = #expect(throws: RunRecordError.self) { try RunRecord(contentsOf: path) }
            return error?.description ?? ""
        }
        for text in ["[", "{\"a\":"].map({ String(repeating: $0, count: 100_000) }) {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            #expect(refusal(path).hasSuffix("is not a run record: it is not JSON"))
        }
        try FileManager.default.removeItem(atPath: path)
        #expect(mkfifo(path, 0o600) == 0)
        #expect(refusal(path).hasSuffix("it is not a regular file"))
        #expect(refusal("/dev/zero").hasSuffix("it is not a regular file"))
    }

    /// A label that is too large, an image of width 0, a NaN pixel.
    @Test func nonsensicalSamplesAreRefusedOrDrawn() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        func write(_ shape: [Int], _ scalars: [Float]) throws {
            let file = try HDF5File(creating: path)
            try file.root.createDataset("batch/images", shape: shape, type: .float32).write(scalars)
            try file.root.createDataset("batch/labels", shape: [shape[0]], type: .int64)
                .write([Int](repeating: .max, count: shape[0]))
            try file.close()
        }
        for shape in [[1, 2, 0, 3], [1, 0, 2, 3], [0, 2, 0, 3]] {
            try write(shape, [])
            #expect(throws: RunRecordError.self, "\(shape)") { try RunSamples(contentsOf: path) }
        }
        try write([1, 1, 1, 3], [.nan, .infinity, -1e30])
        let again = path + ".again"
        defer { try? FileManager.default.removeItem(atPath: again) }
        try RunSamples(contentsOf: path).write(to: again)
        #expect(try RunSamples(contentsOf: again).batch?.images.bytes == [0, 255, 0])
    }
}
