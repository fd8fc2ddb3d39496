import ComputeGraph
import Experiments
import Foundation
import Imaging
import NeuralNetwork
import PyImageSearch
import System
import Tensors

/// One execution of an experiment: it claims the files, finds the checkpoint to begin with, keeps the record and the last
/// two checkpoints, and says how to resume if it is interrupted.
///
/// It never replaces the model, history or record of another run, or of one with more training, unless it is told to.
public final class TrainingRun {
    public let experiment: Experiment
    public let files: RunFiles
    // The flag's, else the checkpoint's, else the experiment's.
    public let epochs: Int
    public let batchSize: Int
    /// Replaces the experiment's; `nil` keeps that.
    public let learningRate: Double?
    /// The flag's, else the checkpoint's, else 42.
    public let seed: UInt64
    public let backend: any Backend
    private let program: String
    private let resumeCommand: String
    private let options: RunOptions
    private let checkpoint: Checkpoint?
    private var recorder: RunRecorder?
    /// Whether this process writes the files: the only one, or the first of several.
    private var isFirst: Bool { options.parallelism?.communicator.isFirst ?? true }

    /// - Parameters:
    ///   - program: the program that runs the experiment, for the record.
    ///   - resumeCommand: what to type to resume after an interruption.
    /// - Throws: `FileError` if a file cannot be written, or another process writes there; why a checkpoint cannot be
    ///   used.
    public init(
        _ experiment: Experiment, program: String, files: RunFiles, options: RunOptions, resumeCommand: String,
        backend: any Backend
    ) throws {
        let communicator = options.parallelism?.communicator
        if communicator?.isFirst ?? true { try files.claim() }
        (self.experiment, self.program, self.files) = (experiment, program, files)
        (self.options, self.resumeCommand, self.backend) = (options, resumeCommand, backend)
        checkpoint =
            if let communicator {
                try Checkpoint.find(options.start, files: files, backend: backend, communicator)
            } else {
                try Checkpoint.find(options.start, files: files, backend: backend)
            }
        let resumed = checkpoint.flatMap { $0.isResumed ? Settings($0.model.state.settings) : nil }
        epochs = options.epochs ?? resumed?["epochs"]?.integer ?? experiment.epochs
        batchSize = options.batchSize ?? resumed?["batch_size"]?.integer ?? experiment.batchSize
        let rate = options.learningRate ?? resumed?["optimizer"]?["config"]?["learning_rate"]?.number
        learningRate = rate == experiment.learningRate && options.learningRate == nil ? nil : rate
        seed = options.seed ?? checkpoint?.model.seed ?? RunOptions.defaultSeed
    }

    /// Epochs that the model was trained before this run.
    public var startEpoch: Int { checkpoint?.epoch ?? 0 }

    /// The experiment's, with the run's learning rate.
    public var optimizer: any Optimizer {
        var optimizer = experiment.optimizer
        if let learningRate { optimizer.learningRate = learningRate }
        return optimizer
    }

    /// The learning rate during the run, whose epochs have as many steps as those of `train`.
    public func schedule(of train: some BatchGenerator) -> any LearningRateSchedule { experiment.schedule(span(train)) }

    private func span(_ train: some BatchGenerator) -> Experiment.Span {
        Experiment.Span(epochs: epochs, stepsPerEpoch: train.stepsPerEpoch, learningRate: learningRate)
    }

    /// Returns the checkpoint's model, with its optimizer and the optimizer's state, if it is the network that `build`
    /// describes; else the model that `build` makes. Describing a network takes no memory.
    ///
    /// - Parameter build: makes the network and compiles it.
    /// - Throws: `ModelFileError` if the checkpoint holds another network.
    public func model(_ build: () throws -> Model) throws -> Model {
        if checkpoint == nil { info("compiling model: \(experiment.name), \(experiment.summary)...") }
        let network = try build()
        let model = checkpoint?.model ?? network
        if let checkpoint {
            try model.checkContinues(network, from: checkpoint.epoch, path: checkpoint.path)
        } else {
            try network.move(to: backend)
        }
        model.seed = seed
        model.detectsAnomalies = options.detectsAnomalies
        return model
    }

    /// The same for the experiment's network, compiled with its losses and its optimizer.
    ///
    /// - Parameter classes: outputs of the network.
    /// - Throws: as ``model(_:)``.
    public func model(classes: Int) throws -> Model {
        try model {
            let network = experiment.network(classes)
            network.compile(
                loss: experiment.loss, lossWeights: experiment.lossWeights, optimizer: optimizer,
                gradientSteps: experiment.gradientSteps)
            return network
        }
    }

    /// Trains `model` up to ``epochs``, runs `callbacks`, and keeps the record and the checkpoints.
    ///
    /// - Parameters:
    ///   - data: where the images of `train` come from.
    ///   - workers: threads that fetch batches ahead.
    /// - Throws: ``TrainingInterrupted`` if a signal ended it before its last epoch; ``RunError`` if the checkpoint has
    ///   other settings, or if this run would replace another run's files.
    public func fit(
        _ model: Model, _ train: some BatchGenerator, validation: any BatchGenerator, of data: some TrainingSet,
        callbacks: [any Callback], workers: Int = 2
    ) throws {
        let record = RunRecord(
            chapter: program, experiment: described(model, train), network: .init(experiment.networkName, model),
            dataset: .init(
                name: experiment.dataset.rawValue, classes: data.classes, trainingImages: train.sampleCount,
                validationImages: validation.sampleCount, checksum: try data.checksum()),
            seed: seed)
        try requireAgreement(on: record)
        model.parallelism = options.parallelism
        let kept = try isFirst ? checkedFiles(record, model) : KeptFiles([], until: .never)
        try model.setClassNames(data.classNames, from: data.origin)
        model.setPictureInput((validation as? any PictureBatches)?.pictureInput)
        if checkpoint?.isResumed == false, model.restartEpoch(unlessOf: train.stepsPerEpoch) {
            info("epoch \(startEpoch + 1) begins anew, because its number of steps has changed")
        }
        // Signals are recorded from here on: whoever reads the next line may press Ctrl+C.
        let interruption = StopOnInterruption()
        announce(train, data)
        model.state.settings = record.settings.json
        let recorder = RunRecorder(files.record, record: record, transcript: options.transcript) { info($0) }
        self.recorder = recorder
        try model.fit(
            train, epochs: epochs, initialEpoch: startEpoch, validation: validation,
            callbacks: [kept] + callbacks + [recorder, ModelCheckpoint(files.model), interruption], workers: workers)
        kept.discard(isOver: model.state.epochs >= epochs)
        // A signal may have reached one process only, or may reach the others now.
        let isInterrupted =
            options.parallelism?.communicator.any(interruption.isInterrupted) ?? interruption.isInterrupted
        guard !isInterrupted || model.state.epochs >= epochs else {
            throw TrainingInterrupted(model: files.model, command: resumeCommand)
        }
        info("model in \(files.model); history, plot and record in \(files.base).*")
        if FileSystem.exists(files.plot) { Terminal.show(pictureAt: files.plot) }
    }

    /// Trains on batches that are themselves the data set.
    public func fit(
        _ model: Model, _ train: some BatchGenerator & TrainingSet, validation: any BatchGenerator,
        callbacks: [any Callback]
    ) throws {
        try fit(model, train, validation: validation, of: train, callbacks: callbacks)
    }

    /// Trains, and validates on images with their targets.
    public func fit(
        _ model: Model, _ train: some BatchGenerator, validation: (ByteImages, Tensor), of data: some TrainingSet,
        callbacks: [any Callback]
    ) throws {
        let batches = ImageDataGenerator().flow(
            validation.0, validation.1, batchSize: train.batchSize, shuffle: false)
        try fit(model, train, validation: batches, of: data, callbacks: callbacks)
    }

    /// Reports the finished model's results on the test set, and adds them to the record. The classification report and
    /// the samples for figures get files of their own. Of several processes the first does so.
    public func finish(_ test: RunRecord.TestResult, samples: RunSamples? = nil) throws {
        guard isFirst else { return }
        if let report = test.classificationReport {
            Terminal.show(report)
            try WholeFile.write(Data(report.utf8), to: files.report)
        }
        for (name, value) in test.metrics.sorted(by: { $0.key < $1.key }) {
            info("\(name): \(String(format: "%.4f", value))")
        }
        try samples?.write(to: files.samples)
        info("report in \(files.report)" + (samples == nil ? "" : ", samples for figures in \(files.samples)"))
        // Last, so that its transcript has all lines.
        try recorder?.finish(test)
    }

    private func described(_ model: Model, _ train: some BatchGenerator) -> RunRecord.Experiment {
        var described = RunRecord.Experiment(
            name: experiment.name, epochs: epochs, batchSize: batchSize, settings: experiment.settings(span(train)))
        described.add(settingsOf: model)
        if options.synchronizesBatchNormalization { described.settings["synchronized_batch_normalization"] = true }
        return described
    }

    private func announce(_ train: some BatchGenerator, _ data: some TrainingSet) {
        let passed = experiment.unit == .epoch ? startEpoch : startEpoch * train.stepsPerEpoch
        let rate = digits(schedule(of: train).learningRate(at: passed))
        info("learning rate: \(rate)" + (learningRate == nil ? ", on the schedule of \(experiment.name)" : ""))
        info(
            "training on \(counted(train.sampleCount, "image")) of \(counted(data.classes, "class")), "
                + "\(options.parallelism?.hardware(backend) ?? backend.hardware)...")
    }

    // MARK: - Several processes

    private func requireAgreement(on record: RunRecord) throws {
        guard let parallelism = options.parallelism, case .object(let settings) = record.settings.json else { return }
        // What follows from another setting comes last: the drawn images have another checksum with another seed.
        let names = settings.keys.sorted {
            ($0.hasSuffix("checksum") ? 1 : 0, $0) < ($1.hasSuffix("checksum") ? 1 : 0, $1)
        }
        let each = try names.map { SharedSetting($0, try settings[$0]?.text() ?? "none") }
        try parallelism.requireAgreement(on: [SharedSetting("program", record.chapter)] + each)
    }

    // MARK: - Other runs

    private func checkedFiles(_ record: RunRecord, _ model: Model) throws -> KeptFiles {
        try checkSettings(record, model)
        return try whatToKeep(record)
    }

    /// Only a run that is resumed insists on the settings that the checkpoint was trained with.
    private func checkSettings(_ record: RunRecord, _ model: Model) throws {
        guard let checkpoint, checkpoint.isResumed else { return }
        let settings = Settings(model.state.settings)
        let continuing: [RunError.WayOn] =
            checkpoint.epoch < epochs
            ? [.continueFrom(checkpoint.path, epochs: checkpoint.epoch, isLast: checkpoint.path == files.model)] : []
        guard !settings.isEmpty else {
            throw RunError("\(checkpoint.path) does not say with what settings it was trained", continuing)
        }
        let differences = record.settings.differences(from: settings)
        guard !differences.isEmpty else { return }
        throw RunError(
            "\(checkpoint.path) was trained with other settings: \(differences.joined(separator: "; "))",
            [.sameSettings] + continuing + [.beginAnew])
    }

    /// Checks the files that this run would replace.
    ///
    /// - Returns: the files that are kept under another name before training begins.
    /// - Throws: ``RunError`` if a file is another run's, or an unfinished one's that this run would begin anew.
    private func whatToKeep(_ record: RunRecord) throws -> KeptFiles {
        if let checkpoint {
            return try whatToKeep(record, continuing: SavedModel(checkpoint.model, path: checkpoint.path))
        }
        let models = files.modelsToWrite(after: 0)
        if options.replacesOthers {
            return KeptFiles(models + [files.record, files.history, files.plot] + files.others, until: .aModelIsSaved)
        }
        // The first of this run's own has the most training.
        var own: SavedModel?
        let found = SavedModel.furthestFirst(models)
        for (path, result) in found {
            guard let saved = try? result.get() else {
                if FileSystem.size(of: path) == 0 { continue }
                let isBesideOwn = found.contains { _, other in
                    (try? other.get()).map { record.isRun(of: $0.state) } ?? false
                }
                throw RunError(
                    "\(path) exists, but cannot be read as a model",
                    (isBesideOwn ? [.resume("resume the run from the one before it")] : []) + [.otherPlace, .replace])
            }
            guard record.isRun(of: saved.state) else {
                throw RunError("\(path) is the model of another run (\(saved.state.summary))", .otherPlace, .replace)
            }
            if own == nil, saved.state.isTrained, saved.state.epochs < epochs {
                throw RunError(
                    "\(path) has been trained for \(saved.state.training) of this run's \(epochs) epochs", .resume(),
                    .beginAnew, .otherPlace)
            }
            own = own ?? saved
        }
        let keepsRecord = try checkRecord(record, hasOwnModel: own != nil)
        // A complete run may be repeated. Its files stay until the new run is complete.
        if own != nil {
            return KeptFiles([files.model, files.record, files.history], until: .trainingIsOver)
        }
        return KeptFiles(keepsRecord ? [files.record] : [], until: .never)
    }

    /// - Returns: whether the record is kept under another name because it cannot be read.
    private func checkRecord(_ record: RunRecord, hasOwnModel: Bool) throws -> Bool {
        guard FileSystem.exists(files.record) else {
            guard hasOwnModel || !FileSystem.exists(files.history) else {
                throw RunError("\(files.history) is the history of another run", .otherPlace, .replace)
            }
            return false
        }
        guard let earlier = try? RunRecord(contentsOf: files.record) else { return true }
        guard earlier.epochs.isEmpty || record.settings.differences(from: earlier.settings).isEmpty else {
            throw RunError("\(files.record) is the record of another run (\(earlier.summary))", .otherPlace, .replace)
        }
        // Its model is elsewhere, or lost. If the user resumes, this is the same run.
        guard earlier.epochs.isEmpty || earlier.isComplete || hasOwnModel || options.start == .resuming else {
            throw RunError(
                "\(files.record) is the record of an unfinished run (\(earlier.summary))", .otherPlace, .replace)
        }
        return false
    }

    /// A run that continues from a checkpoint keeps the files with more training, and the files that cannot be read.
    private func whatToKeep(_ record: RunRecord, continuing origin: SavedModel) throws -> KeptFiles {
        let originPlace = Path.resolved(origin.path).pathBytes
        let kept = try files.modelsToWrite(after: origin.state.epochs).filter { path in
            guard Path.resolved(path).pathBytes != originPlace else { return false }
            guard let saved = try? SavedModel(reading: path) else { return FileSystem.size(of: path) != 0 }
            guard options.replacesOthers || record.settings.isSameTraining(as: Settings(saved.state.settings)) else {
                throw RunError("\(path) is the model of another run (\(saved.state.summary))", .otherPlace, .replace)
            }
            return saved.state.isFurther(than: origin.state)
        }
        // History and report beside another run's record are that run's too.
        let earlier = try? RunRecord(contentsOf: files.record)
        let isOthers = earlier.map { !$0.epochs.isEmpty && !record.settings.isSameTraining(as: $0.settings) } ?? false
        return KeptFiles(kept + (isOthers ? [files.history, files.plot] + files.others : []), until: .never)
    }
}

extension DataParallelism {
    /// `4 processes on 2 machines, 1 thread each`.
    fileprivate func hardware(_ backend: any Backend) -> String {
        "\(counted(communicator.size, "process")) on \(counted(Set(communicator.hosts).count, "machine")), "
            + "\(backend.hardware) each"
    }
}

extension TrainingState {
    fileprivate var summary: String {
        let settings = Settings(settings)
        let words = ["chapter", "experiment", "dataset", "seed"].compactMap { name in
            settings[name]?.string.map { name == "chapter" ? $0 : "\(name) \($0)" }
        }
        return (words + ["trained for \(training)"]).joined(separator: ", ")
    }
}

extension RunRecord {
    fileprivate func isRun(of state: TrainingState) -> Bool {
        settings.differences(from: Settings(state.settings)).isEmpty
    }

    fileprivate var summary: String {
        "\(chapter), experiment \(experiment.name), \(dataset.trainingImages) images of \(dataset.name), seed \(seed), "
            + counted(epochs.count, "epoch")
    }
}
