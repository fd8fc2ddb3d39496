import Experiments
import Foundation
import NeuralNetwork
import Runs
import System

/// The filed runs of `report/runs`, and which of them a figure shows.
struct RunCatalog {
    struct Run {
        let name: String
        let record: RunRecord
    }

    let runs: [Run]

    init(runs: [Run]) { self.runs = runs }

    init(_ folder: ReportFolder) throws {
        runs = try folder.runNames().map { Run(name: $0, record: try folder.record($0)) }
    }

    /// The newest of the runs that match, a finished one before any other; `nil` if there is none.
    func newest(_ wanted: WantedRun) -> Run? {
        all(wanted)
            .max {
                ($0.record.isComplete ? 1 : 0, $0.ended, $0.name) < ($1.record.isComplete ? 1 : 0, $1.ended, $1.name)
            }
    }

    /// All runs that match, by name.
    func all(_ wanted: WantedRun) -> [Run] { runs.filter { wanted.describes($0.record) } }

    /// All finished runs of an experiment on its data set, or a part of it, whatever their number of epochs; the one that saw
    /// the most images last.
    func ofAnyLength(_ experiment: Experiment) -> [Run] {
        func imagesSeen(_ run: Run) -> Int { run.record.epochs.count * run.record.dataset.trainingImages }
        return runs.filter {
            $0.record.chapter == experiment.chapter && $0.record.experiment.name == experiment.name
                && $0.record.dataset.name == experiment.dataset.rawValue && $0.record.isComplete
        }.sorted { imagesSeen($0) < imagesSeen($1) }
    }

    func run(_ wanted: WantedRun) throws(MissingRun) -> Run {
        guard let run = newest(wanted) else { throw MissingRun(of: wanted) }
        return run
    }
}

extension RunCatalog.Run {
    /// A part of the samples that the run saved for figures.
    func sample<Sample>(
        _ part: KeyPath<RunSamples, Sample?>, in folder: ReportFolder, wanted: WantedRun
    ) throws -> Sample {
        let path = folder.samplesPath(name)
        guard FileSystem.exists(path), let sample = try RunSamples(contentsOf: path)[keyPath: part]
        else { throw MissingRun("\(path) lacks what the figure shows", wanted) }
        return sample
    }

    /// The names of the classes.
    ///
    /// - Throws: ``ReportError`` if the record does not name one.
    func names(of labels: [Int]) throws -> [String] {
        let names = record.test?.classNames ?? []
        return try labels.map { label in
            guard names.indices.contains(label) else {
                throw ReportError(
                    "the record of \(name) names \(names.count) classes, but a sample is of class \(label)")
            }
            return names[label]
        }
    }

    fileprivate var ended: Date { record.stages.last?.ended ?? .distantPast }
}

/// The run that a figure, or a part of it, needs, whether it is recorded or not.
struct WantedRun: Sendable {
    /// Its title for readers.
    let title: String
    /// The command that makes it.
    let command: String
    /// Any of these.
    private let experiments: [Experiment]
    private let classes: Int
    /// `nil` for any number, with any settings.
    private let trainingImages: Int?

    /// How many images training sees in all, each once per epoch; `nil` if their number is not known.
    var imagesTrained: Int? { trainingImages.map { $0 * experiments[0].epochs } }

    /// The experiment as in its document. A run with other flags is another experiment.
    init(_ experiment: Experiment, title: String? = nil) {
        let isOneOfSeveral =
            Experiments.all.count { $0.chapter == experiment.chapter && $0.networkName == experiment.networkName } > 1
        var command = "swift run \(experiment.chapter)"
        if [.cifar10, .flowers17].contains(experiment.dataset) {
            command += " --dataset \(experiment.dataset.rawValue)"
        }
        if isOneOfSeveral { command += " --experiment \(experiment.name)" }
        // Each of the book's chapters has its own.
        if experiment.dataset == .tinyImageNet {
            command += " && swift run \(experiment.chapter.prefix("Chapter00".count))RankAccuracy"
        }
        self.init(
            title: title ?? "experiment \(experiment.name) on \(experiment.dataset.title)", command: command,
            experiments: [experiment], classes: experiment.dataset.classes,
            trainingImages: experiment.dataset.trainingImages)
    }

    private init(title: String, command: String, experiments: [Experiment], classes: Int, trainingImages: Int?) {
        (self.title, self.command, self.experiments) = (title, command, experiments)
        (self.classes, self.trainingImages) = (classes, trainingImages)
    }

    static let fast = WantedRun(Experiments.fast)

    /// Inception v1 with its heads on CIFAR-10 at 224x224, as the tutorial trains it.
    static let inceptionCIFAR10 = WantedRun(Experiments.tutorial, title: "Inception v1 on CIFAR-10")

    /// The same on the first images only, which takes minutes.
    static let inceptionTaste: WantedRun = {
        var experiment = Experiments.tutorial
        (experiment.epochs, experiment.batchSize) = (2, 64)
        return WantedRun(
            title: "Inception v1 on CIFAR-10's first 2,560 images",
            command: inceptionCIFAR10.command
                + " --limit 2560 --validation-limit 512 --epochs \(experiment.epochs) --batch-size \(experiment.batchSize)",
            experiments: [experiment], classes: 10, trainingImages: 2560)
    }()

    /// The drawn data set that the chapter trains on without flags.
    static let shapes10 = WantedRun(
        title: "MiniGoogLeNet on shapes10", command: "swift run Chapter11MiniGoogLeNet",
        experiments: Experiments.bookCIFAR10.filter { $0.name == "3" }.map { $0.onShapes10(epochs: 4) }, classes: 10,
        trainingImages: nil)

    /// The first twenty classes only, which take an hour or two instead of a day.
    static let twentyClasses = WantedRun(
        title: "Tiny ImageNet's first 20 classes",
        command: "swift run Chapter11BuildTinyImageNet --data tiny-imagenet-200 --classes 20 && "
            + "swift run Chapter11TrainDecay --epochs 24 && swift run Chapter11RankAccuracy --crops 10",
        experiments: Experiments.tinyImageNetStages + Experiments.tinyImageNetDecay, classes: 20, trainingImages: nil)

    func describes(_ record: RunRecord) -> Bool {
        experiments.contains { experiment in
            guard record.chapter == experiment.chapter, record.experiment.name == experiment.name,
                record.dataset.name == experiment.dataset.rawValue, record.dataset.classes == classes
            else { return false }
            guard let trainingImages else { return true }
            return record.dataset.trainingImages == trainingImages && record.experiment.epochs == experiment.epochs
                && record.experiment.batchSize == experiment.batchSize
                && isMade(record, as: experiment, trainingImages: trainingImages)
        }
    }

    /// Whether the record's settings are those of the experiment, as far as the experiment sets them.
    private func isMade(_ record: RunRecord, as experiment: Experiment, trainingImages: Int) -> Bool {
        let steps = (trainingImages + experiment.batchSize - 1) / experiment.batchSize
        let settings = experiment.settings(.init(epochs: experiment.epochs, stepsPerEpoch: steps))
        let recorded = record.experiment.settings.filter { settings.keys.contains($0.key) }
        return Settings(.object(settings)).differences(from: Settings(.object(recorded))).isEmpty
    }
}

/// A figure cannot be drawn because its run is not recorded. This is not a failure: the report leaves the figure out.
struct MissingRun: Error, CustomStringConvertible, Equatable {
    let description: String

    init(of wanted: WantedRun) { self.init("there is no record of \(wanted.title)", wanted) }

    init(_ reason: String, _ wanted: WantedRun) {
        description = "\(reason) yet; this command makes it: \(wanted.command)"
    }
}
