import Experiments
import Foundation
import Runs
import Weaving

extension Tables {
    /// Of chapters 2 to 10 of the book.
    static let firstChapters: [String: Table] = [
        "flowers17": { catalog, _, root in
            comparison(
                [
                    Comparison(Experiments.flowers17, label: "without augmentation", names: ["val_acc": ""]),
                    Comparison(Experiments.flowers17Augmented, label: "with augmentation", names: ["val_acc": ""]),
                ], catalog, root, speed: nil)
        },
        "flowers17-classes": { catalog, _, _ in
            classes(.flowers17, WantedRun(Experiments.flowers17), catalog)
        },
        "flowers17-augmented-classes": { catalog, _, _ in
            classes(.flowers17Augmented, WantedRun(Experiments.flowers17Augmented), catalog)
        },
        "features": { _, folder, root in
            try features(Experiments.features.filter { $0.dataset != .dogsVsCats }, folder, root)
        },
        "dogs-vs-cats-features": { _, folder, root in
            try features(Experiments.features.filter { $0.dataset == .dogsVsCats }, folder, root)
        },
        "animals-features-classes": { _, folder, _ in try classes(.animals, featuresOf: .animals, folder) },
        "caltech101-features-classes": { _, folder, _ in try classes(.caltech101, featuresOf: .caltech101, folder) },
        "flowers17-features-classes": { _, folder, _ in
            try classes(.flowers17Features, featuresOf: .flowers17, folder)
        },
        "dogs-vs-cats-features-classes": { _, folder, _ in
            try classes(.dogsVsCats, featuresOf: .dogsVsCats, folder)
        },
        "warm-up-classes": { catalog, _, _ in
            fineTuningClasses(.warmUp, Experiments.warmUp(for: Experiments.fineTuning[0]), catalog)
        },
        "finetuning-classes": { catalog, _, _ in
            fineTuningClasses(.fineTuning, Experiments.fineTuning[0], catalog)
        },
        "dogs-vs-cats": { catalog, _, root in dogsVsCats(catalog, root) },
        "finetuning": { catalog, _, root in fineTuning(catalog, root) },
        "ensemble": { catalog, _, root in
            let names = ["val_acc": "each", "ensemble_accuracy_of_5": "average"]
            let trained = catalog.all(WantedRun(Experiments.ensembleMember)).filter(\.record.isComplete).count
            let label = (1..<5).contains(trained) ? "\(trained) of five MiniVGGNets" : "five MiniVGGNets"
            return comparison(
                [Comparison(Experiments.ensembleMember, label: label, names: names)], catalog, root, speed: nil)
        },
    ]

    /// A report of the book beside ours, class by class.
    ///
    /// - Parameters:
    ///   - ours: the result; `nil` if there is none.
    ///   - origin: what ours is of.
    /// - Returns: `nil` if ours has no classes.
    private static func classes(_ book: PublishedReport, _ ours: RunRecord.TestResult?, _ origin: String) -> String? {
        guard let names = ours?.classNames, let matrix = ours?.confusionMatrix else { return nil }
        var table = MarkdownTable([
            "class", "book: precision", "recall", "F1", "images", "ours: precision", "recall", "F1", "images",
        ])
        let results = matrix.indices.map { label in
            let right = Double(matrix[label][label])
            let support = matrix[label].reduce(0, +), predicted = matrix.reduce(0) { $0 + $1[label] }
            return (
                scores: [
                    right / Double(max(predicted, 1)), right / Double(max(support, 1)),
                    2 * right / Double(max(support + predicted, 1)),
                ], support: support
            )
        }
        func row(_ published: PublishedReport.Row, _ scores: [Double], _ support: Int) {
            table.rows.append(
                [published.name] + [published.precision, published.recall, published.f1].map(twoDecimals)
                    + ["\(published.support)"] + scores.map(twoDecimals) + ["\(support)"])
        }
        for published in book.classes {
            guard let label = names.firstIndex(of: published.name) else { continue }
            row(published, results[label].scores, results[label].support)
        }
        let images = results.reduce(0) { $0 + $1.support }
        let average = (0..<3).map { score in
            results.reduce(0) { $0 + $1.scores[score] * Double($1.support) } / Double(max(images, 1))
        }
        row(book.average, average, images)
        return table.markdown + "\n\nOurs: \(origin). The average counts each class with its images."
    }

    private static func classes(_ book: PublishedReport, _ wanted: WantedRun, _ catalog: RunCatalog) -> String {
        catalog.newest(wanted).flatMap { classes(book, $0.record.test, "the run with seed \($0.record.seed)") }
            ?? missing(wanted)
    }

    /// Of a linear classifier; if both solvers were run, with the one of the book's time, liblinear.
    private static func classes(
        _ book: PublishedReport, featuresOf dataset: DatasetName, _ folder: ReportFolder
    ) throws -> String {
        let records = try folder.classifierNames().map(folder.classifier).filter { isOfBook($0, dataset) }
        let record = records.first { $0.solver == "liblinear" } ?? records.first
        return record.flatMap { classes(book, $0.test, "\($0.features.body), solver \($0.solver)") }
            ?? "Not run here: the table above has the commands."
    }

    /// Whether a classifier has the book's data set. Some of the pictures only are another one, except of Dogs vs. Cats, which
    /// cannot be had whole everywhere.
    private static func isOfBook(_ record: ClassifierRecord, _ dataset: DatasetName) -> Bool {
        record.dataset == dataset.rawValue
            && (dataset == .dogsVsCats || record.trainingSamples == dataset.trainingImages)
    }

    /// Of a stage of the fine-tuning, as long as one was trained.
    private static func fineTuningClasses(
        _ book: PublishedReport, _ experiment: Experiment, _ catalog: RunCatalog
    ) -> String {
        let run = catalog.ofAnyLength(experiment)
            .last { $0.record.dataset.trainingImages == experiment.dataset.trainingImages }
        return run.flatMap { classes(book, $0.record.test, "after \($0.record.epochs.count) epochs") }
            ?? missing(WantedRun(experiment))
    }

    /// The book's classifiers of features, and all of ours of the same data set.
    private static func features(
        _ all: [PublishedFeatures], _ folder: ReportFolder, _ root: String
    ) throws -> String {
        let records = try folder.classifierNames().map { ($0, try folder.classifier($0)) }
        var table = MarkdownTable([
            "data set", "pictures", "features of", "solver", "best C", "rank 1", "rank 5", "book: best C",
            "book: rank 1", "book: rank 5", "book: pictures/s (Titan X)", "pictures/s", "time of the search", "machine",
            "record",
        ])
        var missing: [String] = []
        for published in all {
            let ours = records.filter { isOfBook($0.1, published.dataset) }
            let cells = [
                plain(published.bestC), percents(published.rank1), published.rank5.map(percents) ?? "",
                String(format: "%.0f", published.imagesPerSecond),
            ]
            for (name, record) in ours {
                let metrics = record.test.metrics
                table.rows.append(
                    [
                        published.dataset.title, "\(record.test.images + record.trainingSamples)", record.features.body,
                        record.solver, plain(record.bestC),
                        (metrics["rank1"] ?? metrics["accuracy"]).map(percent) ?? "",
                        record.classes > 5 ? metrics["rank5"].map(percent) ?? "" : "",
                    ] + cells + [
                        record.features.imagesPerSecond.map { String(format: "%.1f", $0) } ?? "",
                        String(format: "%.0f s", record.seconds), record.machine.processor,
                        "[record](\(root)/report/classifiers/\(name).json)",
                    ])
            }
            if ours.isEmpty {
                missing.append(
                    "* Not run here: \(published.dataset.title) (book: rank 1 \(cells[1])). `"
                        + published.programs.enumerated().map {
                            "swift run \($1)" + ($0 == 0 ? " --dataset \(published.dataset.rawValue)" : "")
                        }.joined(separator: " && ") + "`.")
            }
        }
        return [table.rows.isEmpty ? "" : table.markdown, missing.joined(separator: "\n")].filter { !$0.isEmpty }
            .joined(separator: "\n\n")
    }

    /// `0.1`, `1000`.
    private static func plain(_ c: Double) -> String { String(format: "%g", c) }

    /// Both stages of every recorded fine-tuning on Flowers-17, however long, beside the book's.
    private static func fineTuning(_ catalog: RunCatalog, _ root: String) -> String {
        let stages = Experiments.fineTuning.flatMap { [Experiments.warmUp(for: $0), $0] }
        var table = MarkdownTable([
            "experiment", "body", "epochs", "accuracy", "book", "its epochs", "time", "machine", "record",
        ])
        for stage in stages {
            for run in catalog.ofAnyLength(stage)
            where run.record.dataset.trainingImages == stage.dataset.trainingImages {
                let record = run.record
                let body = record.experiment.settings["body"].flatMap(\.string) ?? record.network.name
                table.rows.append([
                    stage.name, body, "\(record.epochs.count)", record.test?.metrics["accuracy"].map(percent) ?? "",
                    stage.published.first.map { percents($0.percent) } ?? "", "\(stage.epochs)",
                    duration(record.trainingTime), record.machine, link(run, root),
                ])
            }
        }
        let command =
            "`swift run Chapter05FinetuneFlowers17 --dataset flowers17` runs both stages of experiment 1 at their full length."
        return table.rows.isEmpty ? "Not run here: \(command)" : table.markdown + "\n\n" + command
    }

    /// Every recorded training of AlexNet, however long and on however many pictures, beside the book's.
    private static func dogsVsCats(_ catalog: RunCatalog, _ root: String) -> String {
        let experiment = Experiments.alexNet
        let keys = ["val_acc", "rank1", "rank1_ten_crops"]
        var table = MarkdownTable(
            ["", "training images", "epochs", "validation", "test, rank 1", "ten crops", "time", "machine", "record"])
        table.rows.append(
            ["book", "\(experiment.dataset.trainingImages)", "\(experiment.epochs)"]
                + keys.map { key in experiment.published.first { $0.metric == key }.map { percents($0.percent) } ?? "" }
                + ["", "", ""])
        for run in catalog.ofAnyLength(experiment) {
            let record = run.record
            table.rows.append(
                ["ours", "\(record.dataset.trainingImages)", "\(record.epochs.count)"]
                    + [record.final("val_acc"), record.test?.metrics["rank1"], record.test?.metrics["rank1_ten_crops"]]
                    .map {
                        $0.map(percent) ?? ""
                    } + [duration(record.trainingTime), record.machine, link(run, root)])
        }
        return table.markdown
    }
}
