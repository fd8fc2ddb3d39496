import ArgumentParser
import Experiments
import Runs
import System

/// A chapter that trains a network of the documents: its flags and its experiments.
public protocol TrainingChapter: ChapterCommand {
    associatedtype Places: CheckpointPlaces
    /// The experiments that `--experiment` accepts.
    var experiments: [Experiment] { get }
    /// The experiment without `--experiment`, if there are several.
    static var defaultExperiment: String { get }
    /// The experiment that the flags select.
    var experiment: Experiment { get throws }
    var training: TrainingOptions { get }
    var checkpoints: Places { get }
}

extension TrainingChapter {
    /// True: a training is divided.
    public static var runsInProcesses: Bool { true }

    /// The experiment that `--experiment` names.
    ///
    /// - Throws: `ExperimentError` listing the experiments if there is none of that name.
    public var experiment: Experiment {
        get throws {
            let name = experiments.count == 1 ? experiments[0].name : Self.defaultExperiment
            return try Experiments.named(training.experimentName ?? name, among: experiments)
        }
    }

    /// The list of experiments for the help text.
    public static func list(_ experiments: [Experiment]) -> String {
        Experiments.list(experiments) + (experiments.count > 1 ? " Without --experiment: \(defaultExperiment)." : "")
    }

    /// How training is resumed, for the help text.
    public static var resuming: String {
        """
        The model is saved after every epoch; the same command with --resume resumes from there, whatever stopped it.
        """
    }

    public func message(for error: RunError) -> String {
        ([error.facts] + [error.waysOn.map(words).joined(separator: ", or ")].filter { !$0.isEmpty })
            .joined(separator: "; ")
    }

    private func words(_ wayOn: RunError.WayOn) -> String {
        switch wayOn {
        case .resume(let words): "\(words) with --resume"
        case .sameSettings: "give the same flags to resume"
        case .continueFrom(let path, let epochs, let isLast):
            "\(startFlags(path, epochs, isLast: isLast)) in place of --resume to continue with these settings"
        case .beginAnew: "begin anew with --overwrite"
        case .otherPlace: "name another place with \(checkpoints.placeFlags)"
        case .replace: "replace it with --overwrite"
        }
    }

    /// The flags that continue from a checkpoint with other settings.
    ///
    /// - Parameter isLast: whether it is the file that `--start-epoch` takes by itself.
    private func startFlags(_ path: String, _ epochs: Int, isLast: Bool) -> String {
        let flag = Places.continuingFlag
        let file = flag != nil || !isLast ? "\(flag ?? "--model") \(path.shellQuoted) " : ""
        return "\(file)--start-epoch \(epochs)"
    }
}

extension TrainingChapter where Places == CheckpointOptions {
    /// - Throws: `ValidationError` if the flags for checkpoints and those for resuming contradict each other.
    public func validate() throws { try checkpoints.validate(training.resumption) }
}

extension TrainingRun {
    /// The run that the flags of a chapter select.
    ///
    /// - Parameters:
    ///   - name: the names of the files in `--output`, without suffixes.
    ///   - checkpoints: the folder in `--output` for checkpoints that are kept, if the chapter keeps some and no flag
    ///     names another one.
    ///   - isEvaluated: whether the run ends with a classification report and samples for figures.
    /// - Throws: `ValidationError` if no epoch is left to train, `ExperimentError`, and why the run cannot begin.
    public convenience init<Chapter: TrainingChapter>(
        _ chapter: Chapter, named name: String, checkpoints folder: String = "checkpoints", isEvaluated: Bool = false
    ) throws {
        let files = chapter.checkpoints.files(
            name, in: chapter.training.output, checkpoints: folder, isEvaluated: isEvaluated)
        try self.init(chapter, try chapter.experiment, files: files, epochs: chapter.training.epochs)
    }

    /// One of the runs of a chapter that trains several times.
    ///
    /// - Parameters:
    ///   - files: of this run.
    ///   - epochs: of this run, if it is not the experiment's number.
    ///   - number: which of several runs it is, counted from 0. It is added to the seed.
    ///   - isPreparation: whether another run follows that the flags for the learning rate and the first epoch are about.
    /// - Throws: `ValidationError` if no epoch is left to train, and why the run cannot begin.
    public convenience init<Chapter: TrainingChapter>(
        _ chapter: Chapter, _ experiment: Experiment, files: RunFiles, epochs: Int?, number: Int? = nil,
        isPreparation: Bool = false
    ) throws {
        let (training, checkpoints) = (chapter.training, chapter.checkpoints)
        var options = RunOptions()
        options.epochs = epochs
        options.batchSize = training.batchSize
        options.learningRate = isPreparation ? nil : training.learningRate
        options.seed = number.map { (training.seed ?? RunOptions.defaultSeed) &+ UInt64($0) } ?? training.seed
        let start = training.resumption.start(continuing: checkpoints.continued)
        if case .continuing = start, isPreparation { options.start = .resuming } else { options.start = start }
        options.replacesOthers = training.resumption.overwrite
        options.detectsAnomalies = training.detectsAnomalies
        options.synchronizesBatchNormalization = training.parallel.synchronizesBatchNormalization
        if !isPreparation { try training.resumption.validate(epochs: epochs ?? experiment.epochs) }
        options.transcript = { ChapterFollower.current?.transcript }
        options.parallelism = try training.parallel.begin(threads: training.compute.chosenThreads)
        try self.init(
            experiment, program: Chapter.configuration.commandName ?? Chapter._commandName, files: files,
            options: options,
            resumeCommand: ResumeOptions.commandLine(
                for: Chapter.self, without: Chapter.Places.continuingFlag.map { ["-m", $0] } ?? []),
            backend: try training.compute.backend)
    }
}
