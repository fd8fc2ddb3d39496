import ComputeGraph
import Foundation
import NeuralNetwork

/// Keeps a ``RunRecord`` while a model trains: written after every epoch and when training ends, so that whatever stops
/// a run, its record tells of every whole epoch.
public final class RunRecorder: Callback {
    private let path: String
    private let startAt: Int
    private let machine: RunRecord.Machine
    public private(set) var record: RunRecord
    private let clock = ContinuousClock()
    private var epochStart: ContinuousClock.Instant
    private var lastStepEnd: ContinuousClock.Instant
    /// Seconds that an earlier stage has spent on the epoch it was stopped in.
    private var secondsBefore: Double?
    private var sampleCount = 0

    /// - Parameters:
    ///   - path: of the record, `<name>.run.json`.
    ///   - record: what is to be trained, without stages and epochs.
    ///   - model: what is to be trained; where it goes on, what the record at `path` tells of its epochs is kept.
    ///   - startAt: epochs that earlier stages have trained.
    /// - Throws: ``RunRecordError`` where the model goes on and what lies at `path` is the record of something else.
    public init(_ path: String, record: RunRecord, model: Model, startAt: Int = 0) throws {
        self.path = path
        self.startAt = startAt
        self.record = record
        machine = .current(backend: model.backend)
        epochStart = clock.now
        lastStepEnd = epochStart
        let goesOn = startAt > 0 || model.stepsIntoEpoch > 0
        guard goesOn, FileManager.default.fileExists(atPath: path) else { return }
        let earlier = try RunRecord(contentsOf: path)
        guard earlier.chapter == record.chapter, earlier.experiment.name == record.experiment.name,
            earlier.network == record.network, earlier.seed == record.seed
        else {
            throw RunRecordError(
                "\(path) is the record of another run (\(earlier.chapter), experiment \(earlier.experiment.name), seed "
                    + "\(earlier.seed)); move it away, or write to another folder")
        }
        self.record.stages = earlier.stages.filter { $0.initialEpoch <= startAt }
        self.record.epochs = Array(earlier.epochs.prefix(startAt))
        self.record.note = earlier.note
    }

    public func onTrainBegin(_ training: TrainingProgress) throws {
        sampleCount = training.sampleCount
        secondsBefore = record.stages.last?.secondsIntoEpoch
        if let last = record.stages.indices.last {
            record.stages[last].reachedEpoch = min(record.stages[last].reachedEpoch, startAt)
        }
        let now = Date.now
        record.stages.append(
            RunRecord.Stage(
                commandLine: Self.commandLine, initialEpoch: startAt, reachedEpoch: startAt,
                started: now, ended: now, machine: machine, peakMemory: nil))
    }

    public func onEpochBegin(_ epoch: Int, model: Model) {
        epochStart = clock.now
        if epoch > startAt || model.stepsIntoEpoch == 0 { secondsBefore = nil }
    }

    public func onBatchEnd(_ step: Int, logs: Logs, model: Model) { lastStepEnd = clock.now }

    public func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) throws {
        var metrics = logs.filter { $0.value.isFinite }
        metrics["lr"] = model.learningRate
        let training = seconds(lastStepEnd - epochStart)
        record.epochs.append(
            RunRecord.Epoch(
                number: epoch + 1, seconds: seconds(clock.now - epochStart) + (secondsBefore ?? 0),
                // An epoch in two parts was interrupted: what it took is not what it takes.
                imagesPerSecond: secondsBefore == nil && training > 0 ? Double(sampleCount) / training : nil,
                metrics: metrics))
        try write(model, secondsIntoEpoch: nil)
        epochStart = clock.now
    }

    public func onTrainEnd(_ model: Model) throws {
        record.weights = try model.fingerprint()
        try write(model, secondsIntoEpoch: model.stepsIntoEpoch > 0 ? seconds(clock.now - epochStart) : nil)
    }

    /// Adds what the finished model reaches, and writes the record once more.
    public func finish(_ test: RunRecord.TestResult) throws {
        record.test = test
        try record.write(to: path)
    }

    private func write(_ model: Model, secondsIntoEpoch: Double?) throws {
        guard let stage = record.stages.indices.last else { return }
        record.stages[stage].reachedEpoch = model.epochsTrained
        record.stages[stage].ended = .now
        record.stages[stage].peakMemory = RunRecord.Machine.peakMemory
        record.stages[stage].secondsIntoEpoch = secondsIntoEpoch
        try record.write(to: path)
    }

    /// As one would type it, wherever the program lies.
    private static var commandLine: String {
        let program = CommandLine.arguments.first.map { ($0 as NSString).lastPathComponent } ?? ""
        return (["swift run", program] + CommandLine.arguments.dropFirst()).joined(separator: " ")
    }

    private func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }
}

extension Model {
    /// A number that tells one set of weights from another: FNV-1a over their bits, in hexadecimal.
    public func fingerprint() throws -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for weight in try weights() {
            for scalar in weight.scalars { hash = (hash ^ UInt64(scalar.bitPattern)) &* 0x100_0000_01b3 }
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension RunRecord.Network {
    /// The network of `model`, under the name it is known by.
    public init(_ name: String, _ model: Model) {
        self.init(name: name, parameters: model.parameterCount, trainableParameters: model.trainableParameterCount)
    }
}
