import Experiments
import Foundation
import NeuralNetwork
import PyImageSearch
import Runs
import System

/// The runs that are filed under `report/runs`, and which of them a figure shows.
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

    /// Of the runs that were made as wanted the one that ended last, a finished one before any other; nil where there is
    /// none.
    func newest(_ wanted: WantedRun) -> Run? {
        all(wanted)
            .max {
                ($0.record.isComplete ? 1 : 0, $0.ended, $0.name) < ($1.record.isComplete ? 1 : 0, $1.ended, $1.name)
            }
    }

    /// All runs that were made as wanted, by name.
    func all(_ wanted: WantedRun) -> [Run] { runs.filter { wanted.describes($0.record) } }

    func run(_ wanted: WantedRun) throws(MissingRun) -> Run {
        guard let run = newest(wanted) else { throw MissingRun("there is no record of \(wanted.title)", wanted) }
        return run
    }
}

extension RunCatalog.Run {
    /// A part of what the run left for figures.
    func sample<Sample>(
        _ part: KeyPath<RunSamples, Sample?>, in folder: ReportFolder, wanted: WantedRun
    ) throws -> Sample {
        let path = folder.samplesPath(name)
        guard FileSystem.exists(path), let sample = try RunSamples(contentsOf: path)[keyPath: part]
        else { throw MissingRun("\(path) lacks what the figure shows", wanted) }
        return sample
    }

    /// Names for classes.
    ///
    /// - Throws: ``ReportError`` where the record does not name one.
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

/// What a figure, or a part of it, is about before it is known whether it was run.
struct WantedRun: Sendable {
    /// In words.
    let title: String
    /// The command that makes it.
    let command: String
    private let chapters: Set<String>
    private let dataset: String
    private let classes: Int
    /// Nil for any.
    private let experiment: String?
    /// How the experiment is defined; a run with other flags is another experiment. Nil for any.
    private let definition: Definition?

    private struct Definition: Equatable {
        let epochs, batchSize, trainingImages: Int
        let schedule, optimizer: String
    }

    /// How many images training sees in all, each as often as there are epochs; nil where the experiment is not defined.
    var imagesTrained: Int? { definition.map { $0.epochs * $0.trainingImages } }

    static func cifar10(_ name: CIFAR10Experiment.Name) -> WantedRun {
        let experiment = CIFAR10Experiment.named(name)
        let images = 50_000
        let steps = (images + experiment.batchSize - 1) / experiment.batchSize
        return WantedRun(
            title: "experiment \(name.rawValue) on CIFAR-10",
            command: "swift run Chapter11MiniGoogLeNet --dataset cifar10 --experiment \(name.rawValue)",
            chapters: ["Chapter11MiniGoogLeNet"], dataset: "cifar10", classes: 10, experiment: name.rawValue,
            definition: Definition(
                epochs: experiment.epochs, batchSize: experiment.batchSize, trainingImages: images,
                schedule: "\(experiment.schedule(experiment.learningRate, experiment.epochs, steps))",
                optimizer: "\(experiment.optimizer(experiment.learningRate))"))
    }

    static func tinyImageNet(_ experiment: TinyImageNetExperiment) -> WantedRun {
        let program =
            experiment.name == "readme-3" ? "Chapter11TrainDecay" : "Chapter11Train --experiment \(experiment.name)"
        return WantedRun(
            title: "experiment \(experiment.name) on Tiny ImageNet",
            command: "swift run \(program) && swift run Chapter11RankAccuracy",
            chapters: ["Chapter11Train", "Chapter11TrainDecay"], dataset: "tiny-imagenet-200", classes: 200,
            experiment: experiment.name,
            definition: Definition(
                epochs: experiment.epochs, batchSize: TinyImageNetExperiment.batchSize, trainingImages: 90_000,
                schedule: "\(experiment.schedule(experiment.epochs))", optimizer: "\(experiment.optimizer())"))
    }

    /// Inception v1 with its heads on CIFAR-10 at 224x224, as the tutorial trains it.
    static let inceptionCIFAR10 = WantedRun(
        title: "Inception v1 on CIFAR-10", command: "swift run InceptionV1CIFAR10 --dataset cifar10",
        chapters: ["InceptionV1CIFAR10"], dataset: "cifar10", classes: 10, experiment: "tutorial",
        definition: Definition(
            epochs: 25, batchSize: 256, trainingImages: 50_000,
            schedule: "\(ExponentialStaircase(initial: 0.01, drop: 0.96, every: 8))",
            optimizer: "\(SGD(learningRate: 0.01, momentum: 0.9))"))

    /// The same on its first images only, in minutes.
    static let inceptionTaste = WantedRun(
        title: "Inception v1 on CIFAR-10's first 2,560 images",
        command: "swift run InceptionV1CIFAR10 --dataset cifar10 --limit 2560 --epochs 2 --batch-size 64",
        chapters: ["InceptionV1CIFAR10"], dataset: "cifar10", classes: 10, experiment: "tutorial",
        definition: Definition(
            epochs: 2, batchSize: 64, trainingImages: 2560,
            schedule: "\(ExponentialStaircase(initial: 0.01, drop: 0.96, every: 8))",
            optimizer: "\(SGD(learningRate: 0.01, momentum: 0.9))"))

    /// The drawn data set that the chapter trains on without flags.
    static let shapes10 = WantedRun(
        title: "MiniGoogLeNet on shapes10", command: "swift run Chapter11MiniGoogLeNet",
        chapters: ["Chapter11MiniGoogLeNet"], dataset: "shapes10", classes: 10, experiment: "3", definition: nil)

    /// The first twenty classes only: an hour or two instead of a day.
    static let twentyClasses = WantedRun(
        title: "Tiny ImageNet's first 20 classes",
        command: "swift run Chapter11BuildTinyImageNet --data tiny-imagenet-200 --classes 20 && "
            + "swift run Chapter11TrainDecay --epochs 24 && swift run Chapter11RankAccuracy --crops 10",
        chapters: ["Chapter11Train", "Chapter11TrainDecay"], dataset: "tiny-imagenet-200", classes: 20,
        experiment: nil, definition: nil)

    func describes(_ record: RunRecord) -> Bool {
        guard chapters.contains(record.chapter), record.dataset.name == dataset, record.dataset.classes == classes,
            experiment == nil || record.experiment.name == experiment
        else { return false }
        guard let definition else { return true }
        let settings = record.experiment.settings
        return definition
            == Definition(
                epochs: record.experiment.epochs, batchSize: record.experiment.batchSize,
                trainingImages: record.dataset.trainingImages, schedule: settings["schedule"] ?? "",
                optimizer: settings["optimizer"] ?? "")
    }
}

/// A figure cannot be drawn because what it shows has not been run: no failure of the report, which leaves it out.
struct MissingRun: Error, CustomStringConvertible, Equatable {
    let description: String

    init(_ reason: String, _ wanted: WantedRun) { description = "\(reason) yet; it is made by: \(wanted.command)" }
}
