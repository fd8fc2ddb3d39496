import Foundation
import System

/// A run record that cannot be read or is not consistent, in one line that says what to do.
public struct RunRecordError: Error, CustomStringConvertible, Equatable {
    public let description: String
    public init(_ description: String) { self.description = description }
}

extension RunRecord {
    /// Reads a record and checks it.
    ///
    /// - Throws: ``RunRecordError`` naming the file and what is wrong with it.
    public init(contentsOf path: String) throws {
        do { self = try RecordFile.read(path, "a run record") } catch let error as FileError {
            throw RunRecordError("there is no run record at \(path): \(error)")
        }
        if version == 1 {
            experiment.settings = SettingsInWords(experiment.settings)?.settings ?? experiment.settings
            version = Self.currentVersion
        }
        if let fault { throw RunRecordError("\(path): \(fault)") }
    }

    /// Changes the record at `path`, while nobody else may write to its folder.
    ///
    /// - Throws: `FileError` if a run is writing there, ``RunRecordError`` if there is no record.
    public static func update(_ path: String, _ change: (inout RunRecord) throws -> Void) throws {
        let lock = try OutputLock(Path.folder(of: path))
        try withExtendedLifetime(lock) {
            var record = try RunRecord(contentsOf: path)
            try change(&record)
            try record.write(to: path)
        }
    }

    /// Writes the record, whole or not at all; the same record always gives the same bytes.
    public func write(to path: String) throws {
        try RecordFile.write(self, to: path)
    }

    /// Why the record is not consistent; `nil` if it is.
    public var fault: String? {
        if version != Self.currentVersion { return "version \(version) of the layout is not \(Self.currentVersion)" }
        if chapter.isEmpty || experiment.name.isEmpty { return "chapter and experiment need a name" }
        if experiment.epochs < 1 || experiment.batchSize < 1 { return "epochs and batch size must be positive" }
        let counts = [
            network.parameters, network.trainableParameters, dataset.classes, dataset.trainingImages,
            dataset.validationImages, experiment.epochs, experiment.batchSize,
        ]
        if counts.contains(where: { !(0..<1 << 40).contains($0) }) { return "a count is negative or too large" }
        if epochs.contains(where: { !Self.isTime($0.seconds) }) { return "an epoch's seconds are not a time" }
        if epochs.contains(where: { $0.imagesPerSecond.map { !(0..<1e9).contains($0) } ?? false }) {
            return "an epoch's images per second are not a speed"
        }
        if stages.contains(where: { !Self.isTime($0.secondsIntoEpoch ?? 0) || $0.machine.threads < 1 }) {
            return "a stage's threads or seconds are not valid"
        }
        if network.parameters < network.trainableParameters { return "more trainable parameters than parameters" }
        if epochs.map(\.number) != Array(1...max(epochs.count, 1)).prefix(epochs.count).map({ $0 }) {
            return "its epochs are not numbered from 1 without a gap"
        }
        if epochs.count > experiment.epochs { return "it has more epochs than the experiment" }
        if let epoch = epochs.first(where: { $0.metrics["loss"] == nil }) {
            return "epoch \(epoch.number) has no loss"
        }
        if stages.isEmpty { return "it has no stage" }
        var reached = 0
        for stage in stages {
            if stage.initialEpoch > reached { return "nothing says how epoch \(reached + 1) was trained" }
            // Times are not compared: the clock may have been set back.
            if stage.reachedEpoch < stage.initialEpoch { return "a stage ends before it begins" }
            reached = stage.reachedEpoch
        }
        if reached < epochs.count { return "its stages end before its epochs" }
        return test.flatMap(Self.fault)
    }

    /// At most as long as a human life.
    private static func isTime(_ seconds: Double) -> Bool { (0..<3e9).contains(seconds) }

    private static func fault(in test: TestResult) -> String? {
        guard (1..<1 << 40).contains(test.images) else { return "the test has no images" }
        if let (name, value) = test.metrics.first(where: { !(0...1).contains($0.value) }) {
            return "the test's \(name), \(value), is not from 0 to 1"
        }
        guard let matrix = test.confusionMatrix else { return nil }
        if matrix.contains(where: { $0.count != matrix.count }) { return "the confusion matrix is not square" }
        if matrix.joined().contains(where: { !(0...test.images).contains($0) }) || matrix.count > 10_000 {
            return "the confusion matrix holds a number that is not a count"
        }
        if test.classNames == nil { return "the confusion matrix needs class names" }
        if matrix.joined().reduce(0, +) != test.images { return "the confusion matrix does not add up to the images" }
        if let names = test.classNames, names.count != matrix.count {
            return "there are \(names.count) class names for \(matrix.count) classes"
        }
        let right = matrix.indices.reduce(0) { $0 + matrix[$1][$1] }
        if let accuracy = test.metrics["accuracy"], abs(accuracy - Double(right) / Double(test.images)) > 1e-9 {
            return "the accuracy is not the confusion matrix's"
        }
        return nil
    }
}

extension DecodingError {
    /// What is missing or wrong, and where.
    var reason: String {
        func place(_ context: Context) -> String {
            context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
        }
        return switch self {
        case .keyNotFound(let key, let context):
            "\"\(([place(context)].filter { !$0.isEmpty } + [key.stringValue]).joined(separator: "."))\" is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): "\"\(place(context))\" is of another type"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "it is not JSON" : "\"\(place(context))\" cannot be read"
        @unknown default: "it cannot be decoded"
        }
    }
}
