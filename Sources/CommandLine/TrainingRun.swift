import ArgumentParser
import ComputeGraph
import Foundation
import NeuralNetwork
import PyImageSearch
import Runs
import System
import Tensors

/// One training of a chapter's network: it claims the files, finds the checkpoint to begin from, keeps the record and the
/// last two checkpoints, and says how to resume where it is interrupted.
///
/// It never replaces the model, history or record of another run, or of one that is further, unless it is told to.
public final class TrainingRun {
    public let files: RunFiles
    public let epochs: Int
    /// The flag's, or the checkpoint's, or 42.
    public let seed: UInt64
    private let command: any ParsableCommand.Type
    private let options: ResumeOptions
    private let backend: any Backend
    private let checkpoint: Checkpoint?
    /// The flag that names the model file to continue from, where `--start-epoch` needs one.
    private let modelFlag: String?
    private var recorder: RunRecorder?

    /// - Parameters:
    ///   - model: the file that `--start-epoch` continues from, where it is not `files.model`.
    ///   - modelFlag: the flag that names that file, where the program has one for this alone.
    /// - Throws: `FileError` where a file cannot be written or somebody else writes there; why no checkpoint is of use.
    public init(
        _ command: any ParsableCommand.Type, files: RunFiles, options: ResumeOptions, epochs: Int, seed: UInt64?,
        backend: any Backend, continuing model: String? = nil, modelFlag: String? = nil
    ) throws {
        try options.validate(epochs: epochs)
        try files.claim()
        (self.command, self.files, self.options) = (command, files, options)
        (self.epochs, self.backend, self.modelFlag) = (epochs, backend, modelFlag)
        checkpoint = try Checkpoint.find(options, model: model, files: files, backend: backend)
        self.seed = seed ?? checkpoint?.model.seed ?? 42
    }

    /// Epochs that the model has been trained before this run.
    public var startEpoch: Int { checkpoint?.epoch ?? 0 }

    /// Returns the checkpoint's model with its optimizer and the optimizer's memory, or `network`, compiled, if there is no
    /// checkpoint.
    ///
    /// - Throws: `ModelFileError` where the checkpoint is another network's.
    public func model(
        _ network: Model, detectsAnomalies: Bool = false, compile: (Model) throws -> Void
    ) throws -> Model {
        let model = checkpoint?.model ?? network
        if let checkpoint {
            try model.checkContinues(network, from: checkpoint.epoch, path: checkpoint.path)
        } else {
            try network.move(to: backend)
            try compile(network)
        }
        model.seed = seed
        model.detectsAnomalies = detectsAnomalies
        return model
    }

    /// Trains `model` up to ``epochs``, and keeps record and checkpoints beside what `callbacks` do.
    ///
    /// - Parameters:
    ///   - record: what is to be trained, without stages and epochs.
    ///   - workers: threads that fetch batches ahead.
    /// - Throws: ``TrainingInterrupted`` where a signal ended it before its last epoch; `RunError` where the checkpoint has other
    ///   settings, or something else lies where this run would write.
    public func fit(
        _ model: Model, _ train: some BatchGenerator, validation: any BatchGenerator, record: RunRecord,
        callbacks: [any Callback], workers: Int = 2
    ) throws {
        try checkSettings(record, model)
        let kept = try whatToKeep(record)
        if checkpoint?.isResumed == false, model.restartEpoch(unlessOf: train.stepsPerEpoch) {
            info("epoch \(startEpoch + 1) begins anew: its steps are not what they were")
        }
        let recorder = try RunRecorder(files.record, record: record, model: model, startAt: startEpoch) { info($0) }
        self.recorder = recorder
        let interruption = StopOnInterruption()
        try model.fit(
            train, epochs: epochs, initialEpoch: startEpoch, validation: validation,
            callbacks: [kept] + callbacks + [recorder, ModelCheckpoint(files.model), interruption], workers: workers)
        kept.discard(isOver: model.epochsTrained >= epochs)
        guard !interruption.isInterrupted || model.epochsTrained >= epochs else {
            throw TrainingInterrupted(
                model: files.model,
                command: ResumeOptions.commandLine(for: command, without: modelFlag.map { ["-m", $0] } ?? []))
        }
    }

    /// Trains as ``fit(_:_:validation:record:callbacks:workers:)`` does, and validates on arrays: inputs and targets.
    public func fit(
        _ model: Model, _ train: some BatchGenerator, validation: (Tensor, Tensor), record: RunRecord,
        callbacks: [any Callback]
    ) throws {
        let batches = try ArrayBatches(
            inputs: [validation.0], targets: [validation.1], batchSize: train.batchSize, shuffle: false, seed: seed)
        try fit(model, train, validation: batches, record: record, callbacks: callbacks)
    }

    /// Adds what the finished model reaches on the test set to the record.
    public func finish(_ test: RunRecord.TestResult) throws { try recorder?.finish(test) }

    // MARK: - Other runs

    /// Only `--resume` insists on the settings that the checkpoint was trained with.
    private func checkSettings(_ record: RunRecord, _ model: Model) throws {
        guard let checkpoint, checkpoint.isResumed else { return }
        let continuing = checkpoint.epoch < epochs ? "\(startFlags(checkpoint)) in place of --resume" : nil
        guard !model.trainingSettings.isEmpty else {
            throw RunError(
                "\(checkpoint.path) does not say with what settings it was trained"
                    + (continuing.map { "; \($0) goes on without asking" } ?? ", and has been trained for all epochs"))
        }
        let differences = record.differences(from: model.trainingSettings)
        guard !differences.isEmpty else { return }
        let waysOn =
            ["give the same flags to go on"] + (continuing.map { ["\($0) to go on with these"] } ?? [])
            + ["or --overwrite in place of --resume to begin anew"]
        throw RunError(
            "\(checkpoint.path) was trained with other settings: \(differences.joined(separator: "; ")); "
                + waysOn.joined(separator: ", "))
    }

    /// The flags that continue from a checkpoint with other settings.
    private func startFlags(_ checkpoint: Checkpoint) -> String {
        let names = modelFlag != nil || checkpoint.path != files.model
        return (names ? "\(modelFlag ?? "--model") \(checkpoint.path.shellQuoted) " : "")
            + "--start-epoch \(checkpoint.epoch)"
    }

    private var waysOn: String { "name another place with \(files.placeFlags), or replace it with --overwrite" }

    /// Looks at what lies where this run will write.
    ///
    /// - Returns: what is to be kept under another name before training begins.
    /// - Throws: ``RunError`` where it is another run's, or an unfinished one that this one would begin anew.
    private func whatToKeep(_ record: RunRecord) throws -> KeptFiles {
        if let checkpoint {
            return try whatToKeep(record, goingOnFrom: SavedModel(checkpoint.model, path: checkpoint.path))
        }
        let models = files.modelsToWrite(after: 0)
        if options.overwrite {
            return KeptFiles(models + [files.record, files.history, files.plot] + files.others, until: .aModelIsSaved)
        }
        // The first of this run's own is the furthest.
        var own: SavedModel?
        let found = SavedModel.furthestFirst(models)
        for (path, result) in found {
            guard let saved = try? result.get() else {
                if FileSystem.size(of: path) == 0 { continue }
                let isBesideOwn = found.contains { _, other in
                    (try? other.get()).map { record.differences(from: $0.settings).isEmpty } ?? false
                }
                let resuming = isBesideOwn ? "resume the run from the one before it with --resume, " : ""
                throw RunError("\(path) is there, and is not a model that can be read; \(resuming)\(waysOn)")
            }
            guard record.differences(from: saved.settings).isEmpty else {
                throw RunError("\(path) is the model of another run (\(saved.summary)); \(waysOn)")
            }
            if own == nil, saved.isTrained, saved.epochsTrained < epochs {
                throw RunError(
                    "\(path) has been trained for \(saved.training) of this run's \(epochs) epochs; go on with --resume, "
                        + "begin anew with --overwrite, or name another place with \(files.placeFlags)")
            }
            own = own ?? saved
        }
        let keepsRecord = try checkRecord(record, hasOwnModel: own != nil)
        // A whole run may be repeated. Until it is whole again, the first stays.
        if own != nil {
            return KeptFiles([files.model, files.record, files.history], until: .trainingIsOver)
        }
        return KeptFiles(keepsRecord ? [files.record] : [], until: .everybodyIsGone)
    }

    /// - Returns: whether the record is to be kept, since it cannot be read.
    private func checkRecord(_ record: RunRecord, hasOwnModel: Bool) throws -> Bool {
        guard FileSystem.exists(files.record) else {
            guard hasOwnModel || !FileSystem.exists(files.history) else {
                throw RunError("\(files.history) is the history of another run; \(waysOn)")
            }
            return false
        }
        guard let earlier = try? RunRecord(contentsOf: files.record) else { return true }
        guard earlier.epochs.isEmpty || record.differences(from: earlier.trainingSettings).isEmpty else {
            throw RunError("\(files.record) is the record of another run (\(earlier.summary)); \(waysOn)")
        }
        // Its model lies elsewhere, or was lost: with --resume it is clear that this is the same run.
        guard earlier.epochs.isEmpty || earlier.isComplete || hasOwnModel || options.resume else {
            throw RunError("\(files.record) is the record of an unfinished run (\(earlier.summary)); \(waysOn)")
        }
        return false
    }

    /// A run that continues from a checkpoint keeps the files with more training, and the files that cannot be read.
    private func whatToKeep(_ record: RunRecord, goingOnFrom origin: SavedModel) throws -> KeptFiles {
        let originPlace = Path.resolved(origin.path).pathBytes
        let kept = try files.modelsToWrite(after: origin.epochsTrained).filter { path in
            guard Path.resolved(path).pathBytes != originPlace else { return false }
            guard let saved = try? SavedModel(reading: path) else { return FileSystem.size(of: path) != 0 }
            guard options.overwrite || isSameTraining(saved.settings, record) else {
                throw RunError("\(path) is the model of another run (\(saved.summary)); \(waysOn)")
            }
            return saved.isFurther(than: origin)
        }
        // Beside another run's record lie its history and its report.
        let earlier = try? RunRecord(contentsOf: files.record)
        let isOthers = earlier.map { !$0.epochs.isEmpty && !isSameTraining($0.trainingSettings, record) } ?? false
        return KeptFiles(kept + (isOthers ? [files.history, files.plot] + files.others : []), until: .everybodyIsGone)
    }
}

/// Whether two settings are of the same training, perhaps in stages: those of the ctrl+c method have different rates.
private func isSameTraining(_ settings: [String: String], _ record: RunRecord) -> Bool {
    let ours = record.trainingSettings
    return ["chapter", "experiment", "network", "dataset", "seed"].allSatisfy { settings[$0] == ours[$0] }
}

/// Files of earlier runs that get another name when training begins: not before it is known that it can.
private final class KeptFiles: Callback {
    enum End: String {
        case aModelIsSaved = " until this run has saved its model"
        case trainingIsOver = " until this run is as far"
        case everybodyIsGone = ""
    }

    private let files: [String]
    private let end: End
    private var kept: [String] = []

    init(_ files: [String], until end: End) { (self.files, self.end) = (files, end) }

    func onTrainBegin(_ training: TrainingProgress) throws {
        for file in files where FileSystem.exists(file) {
            let aside = try FileSystem.setAside(file)
            kept.append(aside)
            info("kept \(file) as \(aside)\(end.rawValue)")
        }
    }

    /// - Parameter isOver: whether training has come to its last epoch.
    func discard(isOver: Bool) {
        guard end == .aModelIsSaved || (end == .trainingIsOver && isOver) else { return }
        for file in kept { FileSystem.remove(file) }
    }
}

/// Why a run cannot begin or go on; one line with the ways on.
public struct RunError: Error, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}

/// A signal has ended training before its last epoch; everything is saved.
public struct TrainingInterrupted: Error {
    /// The file of the model as it is now.
    public let model: String
    /// What to type to resume.
    public let command: String
}

extension SavedModel {
    fileprivate var summary: String {
        let words = ["chapter", "experiment", "dataset", "seed"].compactMap { name in
            settings[name].map { name == "chapter" ? $0 : "\(name) \($0)" }
        }
        return (words + ["trained for \(training)"]).joined(separator: ", ")
    }
}

extension RunRecord {
    fileprivate var summary: String {
        "\(chapter), experiment \(experiment.name), \(dataset.trainingImages) images of \(dataset.name), seed \(seed), "
            + "\(epochs.count) epochs"
    }
}
