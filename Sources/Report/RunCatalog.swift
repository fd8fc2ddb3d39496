import Foundation
import Reporting

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

    /// Of the runs that were made as wanted the one that ended last; nil where there is none.
    func newest(_ wanted: WantedRun) -> Run? {
        all(wanted)
            .max { ($0.ended, $0.name) < ($1.ended, $1.name) }
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
        guard FileManager.default.fileExists(atPath: path), let sample = try RunSamples(contentsOf: path)[keyPath: part]
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

    static func cifar10(_ experiment: String) -> WantedRun {
        WantedRun(
            title: "experiment \(experiment) on CIFAR-10",
            command: "swift run Chapter11MiniGoogLeNet --dataset cifar10 --experiment \(experiment)",
            chapters: ["Chapter11MiniGoogLeNet"], dataset: "cifar10", classes: 10, experiment: experiment)
    }

    static func tinyImageNet(_ experiment: String) -> WantedRun {
        WantedRun(
            title: "experiment \(experiment) on Tiny ImageNet",
            command: experiment == "readme-3"
                ? "swift run Chapter11TrainDecay" : "swift run Chapter11Train --experiment \(experiment)",
            chapters: ["Chapter11Train", "Chapter11TrainDecay"], dataset: "tiny-imagenet-200", classes: 200,
            experiment: experiment)
    }

    /// The drawn data set that the chapter trains on without flags.
    static let shapes10 = WantedRun(
        title: "MiniGoogLeNet on shapes10", command: "swift run Chapter11MiniGoogLeNet",
        chapters: ["Chapter11MiniGoogLeNet"], dataset: "shapes10", classes: 10, experiment: "3")

    /// The first twenty classes only: an hour or two instead of days.
    static let twentyClasses = WantedRun(
        title: "Tiny ImageNet's first 20 classes",
        command: "swift run Chapter11BuildTinyImageNet --data tiny-imagenet-200 --classes 20, "
            + "then swift run Chapter11TrainDecay --epochs 24",
        chapters: ["Chapter11Train", "Chapter11TrainDecay"], dataset: "tiny-imagenet-200", classes: 20,
        experiment: nil)

    func describes(_ record: RunRecord) -> Bool {
        chapters.contains(record.chapter) && record.dataset.name == dataset && record.dataset.classes == classes
            && (experiment == nil || record.experiment.name == experiment)
    }
}

/// A figure cannot be drawn because what it shows has not been run: no failure of the report, which leaves it out.
struct MissingRun: Error, CustomStringConvertible, Equatable {
    let description: String

    init(_ reason: String, _ wanted: WantedRun) { description = "\(reason) yet; it is made by: \(wanted.command)" }
}
