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
            classes(Experiments.flowers17Classes, WantedRun(Experiments.flowers17), catalog)
        },
        "flowers17-augmented-classes": { catalog, _, _ in
            classes(Experiments.flowers17AugmentedClasses, WantedRun(Experiments.flowers17Augmented), catalog)
        },
        "features": { _, folder, root in
            try features(Experiments.features.filter { $0.dataset != .dogsVsCats }, folder, root)
        },
        "dogs-vs-cats-features": { _, folder, root in
            try features(Experiments.features.filter { $0.dataset == .dogsVsCats }, folder, root)
        },
        "dogs-vs-cats": { catalog, _, root in dogsVsCats(catalog, root) },
        "finetuning": { catalog, _, root in fineTuning(catalog, root) },
        "ensemble": { catalog, _, root in
            let names = ["val_acc": "each", "ensemble_accuracy": "average"]
            let trained = catalog.all(WantedRun(Experiments.ensembleMember)).filter(\.record.isComplete).count
            let label = (1..<5).contains(trained) ? "\(trained) of five MiniVGGNets" : "five MiniVGGNets"
            return comparison(
                [Comparison(Experiments.ensembleMember, label: label, names: names)], catalog, root, speed: nil)
        },
    ]

    /// A report of the book beside ours, class by class.
    private static func classes(_ published: [PublishedClass], _ wanted: WantedRun, _ catalog: RunCatalog) -> String {
        guard let test = catalog.newest(wanted)?.record.test, let names = test.classNames,
            let matrix = test.confusionMatrix
        else { return missing(wanted) }
        var table = MarkdownTable([
            "class", "book: precision", "recall", "F1", "images", "ours: precision", "recall", "F1", "images",
        ])
        for row in published {
            guard let label = names.firstIndex(of: row.name) else { continue }
            let right = Double(matrix[label][label])
            let support = matrix[label].reduce(0, +), predicted = matrix.reduce(0) { $0 + $1[label] }
            let precision = right / Double(max(predicted, 1)), recall = right / Double(max(support, 1))
            let f1 = 2 * right / Double(max(support + predicted, 1))
            table.rows.append(
                [row.name] + [row.precision, row.recall, row.f1].map { twoDecimals($0) } + ["\(row.support)"]
                    + [precision, recall, f1].map { twoDecimals($0) } + ["\(support)"])
        }
        return table.markdown
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
            // Some of the pictures only are another data set, except of Dogs vs. Cats, which cannot be had whole everywhere.
            let ours = records.filter {
                $0.1.dataset == published.dataset.rawValue
                    && (published.dataset == .dogsVsCats || $0.1.trainingSamples == published.dataset.trainingImages)
            }
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
