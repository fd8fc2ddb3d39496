import ComputeGraph
import Foundation
import NeuralNetwork
import System

/// Keeps a ``RunRecord`` while a model trains. It is written after every epoch and when training ends, so that whatever
/// stops a run, its record has every complete epoch.
public final class RunRecorder: Callback {
    /// False: one process writes the record.
    public let runsInEveryProcess = false
    private let path: String
    private let report: (String) -> Void
    private let transcript: () -> Transcript?
    public private(set) var record: RunRecord
    private let clock = ContinuousClock()
    private var stageStart: ContinuousClock.Instant
    private var epochStart: ContinuousClock.Instant
    private var lastStepEnd: ContinuousClock.Instant
    /// Epochs trained in earlier stages.
    private var startAt = 0
    /// Seconds that an earlier stage spent on the epoch in which it was stopped.
    private var secondsBefore: Double?
    private var sampleCount = 0
    /// Whether a record is written. It is not if the epochs before this stage were not recorded, as with a model from
    /// Keras or one that was copied here.
    public private(set) var isKept = true

    /// - Parameters:
    ///   - path: the record, `<name>.run.json`. Its entries for earlier epochs of this run are kept.
    ///   - record: what will be trained, without stages and epochs.
    ///   - transcript: what the program has shown so far.
    ///   - report: receives a line if an earlier record cannot be continued. A record never stops a training run.
    public init(
        _ path: String, record: RunRecord, transcript: @escaping () -> Transcript? = { nil },
        report: @escaping (String) -> Void = { _ in }
    ) {
        self.path = path
        self.record = record
        self.transcript = transcript
        self.report = report
        epochStart = clock.now
        (stageStart, lastStepEnd) = (epochStart, epochStart)
    }

    private func continueRecord(of model: Model) throws {
        guard startAt > 0 || model.state.step > 0 else { return }
        if let earlier = try Self.earlier(path, of: record, report: report) {
            record.stages = earlier.stages.filter { $0.initialEpoch <= startAt }
            record.epochs = Array(earlier.epochs.prefix(startAt))
            record.note = earlier.note
            if hasNothingToTrain { (record.weights, record.test) = (earlier.weights, earlier.test) }
        }
        isKept = record.epochs.count >= startAt
        if !isKept { report("no record is kept: nothing says how the first \(startAt) epochs were trained") }
    }

    private var hasNothingToTrain: Bool { startAt >= record.experiment.epochs }

    /// The record at `path`, if it is the run that is resumed. Any other is kept under another name.
    private static func earlier(
        _ path: String, of record: RunRecord, report: (String) -> Void
    ) throws -> RunRecord? {
        guard FileSystem.exists(path) else { return nil }
        let reason: String
        do {
            let earlier = try RunRecord(contentsOf: path)
            if record.settings.isSameTraining(as: earlier.settings),
                earlier.dataset.trainingImages == record.dataset.trainingImages,
                earlier.dataset.checksum == record.dataset.checksum || earlier.dataset.checksum == nil
            {
                return earlier
            }
            reason =
                "\(path) is the record of another run (\(earlier.chapter), experiment \(earlier.experiment.name), seed "
                + "\(earlier.seed), \(earlier.dataset.trainingImages) images)"
        } catch { reason = "\(error)" }
        report("\(reason); kept as \(try FileSystem.setAside(path))")
        return nil
    }

    /// Writes the record at once, so that others see whose files these are.
    public func onTrainBegin(_ training: TrainingProgress, model: Model) throws {
        sampleCount = training.sampleCount
        startAt = training.initialEpoch
        try continueRecord(of: model)
        guard !hasNothingToTrain else { return }
        secondsBefore = record.stages.last?.secondsIntoEpoch
        if let last = record.stages.indices.last {
            record.stages[last].reachedEpoch = min(record.stages[last].reachedEpoch, startAt)
        }
        stageStart = clock.now
        let now = Date.now
        var machine = RunRecord.Machine.current(backend: try model.chosenBackend())
        machine.processes = model.parallelism.map(RunRecord.Processes.init)
        if let before = record.stages.last?.machine, before.computing != machine.computing {
            report(
                "the run computed with \(before.computing) before, and now computes with \(machine.computing): it will not "
                    + "have the bits of a run without a stop")
        }
        record.stages.append(
            RunRecord.Stage(
                commandLine: Self.commandLine(ProgramArguments.all, processes: machine.processes?.hosts.count),
                initialEpoch: startAt, reachedEpoch: startAt,
                started: now, ended: now, machine: machine, peakMemory: nil))
        if isKept { try record.write(to: path) }
    }

    public func onEpochBegin(_ epoch: Int, model: Model) {
        epochStart = clock.now
        if epoch > startAt || model.state.step == 0 { secondsBefore = nil }
    }

    public func onBatchEnd(_ step: Int, logs: Logs, model: Model) { lastStepEnd = clock.now }

    public func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) throws {
        var metrics = logs.filter { $0.value.isFinite }
        metrics["lr"] = model.learningRate
        let training = seconds(lastStepEnd - epochStart)
        record.epochs.append(
            RunRecord.Epoch(
                number: epoch + 1, seconds: seconds(clock.now - epochStart) + (secondsBefore ?? 0),
                // No speed for an epoch that was interrupted.
                imagesPerSecond: secondsBefore == nil && training > 0 ? Double(sampleCount) / training : nil,
                metrics: metrics))
        try write(model, secondsIntoEpoch: nil)
        epochStart = clock.now
    }

    public func onTrainEnd(_ model: Model) throws {
        guard !hasNothingToTrain || record.weights == nil else { return }
        record.weights = try model.fingerprint()
        let isWithinEpoch = model.state.step > 0
        try write(
            model, secondsIntoEpoch: isWithinEpoch ? seconds(clock.now - epochStart) + (secondsBefore ?? 0) : nil,
            isEnd: true)
    }

    /// Adds the results of the finished model, and writes the record once more.
    public func finish(_ test: RunRecord.TestResult) throws {
        record.test = test
        if let stage = record.stages.indices.last { record.stages[stage].transcript = transcript() }
        if isKept { try record.write(to: path) }
    }

    private func write(_ model: Model, secondsIntoEpoch: Double?, isEnd: Bool = false) throws {
        guard let stage = record.stages.indices.last, !hasNothingToTrain else {
            if isKept { try record.write(to: path) }
            return
        }
        record.stages[stage].reachedEpoch = model.state.epochs
        // This clock runs on if the time of day is set back.
        record.stages[stage].ended = record.stages[stage].started + seconds(clock.now - stageStart)
        record.stages[stage].peakMemory = RunRecord.Machine.peakMemory
        record.stages[stage].secondsIntoEpoch = secondsIntoEpoch
        // It takes some tenths of a second and some memory, which is not the training's.
        if isEnd { record.stages[stage].transcript = transcript() }
        if isKept { try record.write(to: path) }
    }

    /// As a user would type it, wherever the program is. Flags that name a place by its absolute path are left out: on
    /// another machine they mean nothing.
    static func commandLine(_ arguments: [String], processes: Int? = nil) -> String {
        var words: [String] = []
        for word in arguments.dropFirst() {
            guard word.hasPrefix("/") else {
                if !word.hasPrefix("-") || !word.contains("=/") { words.append(word.shellQuoted) }
                continue
            }
            if words.last?.hasPrefix("-") == true { words.removeLast() }
        }
        let launcher = processes.map { ["mpirun -n \($0)"] } ?? []
        return (launcher + ["swift run", arguments.first.map(Path.name) ?? ""] + words).joined(separator: " ")
    }

    private func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }
}

extension Model {
    /// A hash of the weights: 16 hexadecimal digits.
    public func fingerprint() throws -> String {
        var hash = FNV1a()
        for weight in try weights() { hash.add(weight.scalars) }
        return String(repeating: "0", count: 16 - hash.hexadecimal.count) + hash.hexadecimal
    }
}

extension RunRecord.Experiment {
    /// Adds the initializers, penalties and dropout rates of the layers of `model`: each value once, in order.
    public mutating func add(settingsOf model: Model) {
        let configs = model.layers.map(\.layer.config)
        func numbers(_ value: ([String: JSON]) -> JSON?) -> JSON? {
            let values = Set(configs.compactMap { value($0)?.number }).sorted()
            return values.isEmpty ? nil : JSON(values)
        }
        let initializers = Set(configs.compactMap { $0["kernel_initializer"]?["class_name"]?.string }).sorted()
        settings["kernel_initializer"] = initializers.isEmpty ? nil : .array(initializers.map(JSON.string))
        settings["l2"] = numbers { $0["kernel_regularizer"]?["config"]?["l2"] }
        settings["dropout"] = numbers { $0["rate"] }
    }
}

extension RunRecord.Network {
    /// The network of `model`, under its usual name.
    public init(_ name: String, _ model: Model) {
        self.init(name: name, parameters: model.parameterCount, trainableParameters: model.trainableParameterCount)
    }
}
