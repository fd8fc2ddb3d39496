import Foundation
import PyImageSearch
import Reporting

/// The report's tables, by the name that prose asks for. Every number of ours is read from a run record.
enum Tables {
    typealias Table = @Sendable (_ catalog: RunCatalog, _ folder: ReportFolder, _ root: String) throws -> String

    static let all: [String: Table] = [
        "cifar10": { catalog, _, root in cifar10(catalog, root) },
        "tiny-imagenet": { catalog, _, root in tinyImageNet(catalog, root) },
        "tiny-imagenet-20": { catalog, _, root in twentyClasses(catalog, root) },
        "inception": { catalog, _, root in inception(catalog, root) },
        "inception-taste": { catalog, _, root in inceptionTaste(catalog, root) },
        "fast-seeds": { catalog, _, root in fastSeeds(catalog, root) },
        "fast-epochs": { catalog, _, root in fastEpochs(catalog) },
        "fast-report": { catalog, _, root in fastReport(catalog) },
        "runs": { catalog, _, root in runs(catalog, root) },
        "speed": { _, folder, _ in try speed(folder) },
    ]

    // MARK: - Published numbers and ours

    /// A number that a document reports, and how ours is read from a record.
    private struct Published {
        let label: String
        let wanted: WantedRun
        /// In percent; `nil` where there is none.
        let percent: Double?
        let ours: (RunRecord) -> Double?

        func row(_ catalog: RunCatalog, _ root: String) -> [String] {
            let cells = [label, percent.map { String(format: "%.2f %%", $0) } ?? "none"]
            guard let run = catalog.newest(wanted) else {
                return cells + ["not run here", "", "", "", "", "`\(wanted.command)`"]
            }
            let record = run.record
            let epochs =
                record.isComplete
                ? "\(record.epochs.count)" : "\(record.epochs.count) of \(record.experiment.epochs), goes on"
            let value = ours(record)
            return cells + [
                value.map(Tables.percent) ?? "not run yet",
                // A run that has not ended is no answer.
                value.flatMap { value in
                    record.isComplete ? percent.map { String(format: "%+.2f", 100 * value - $0) } : nil
                } ?? "",
                epochs, duration(record.trainingTime), record.machine, link(run, root),
            ]
        }
    }

    private static func comparison(_ rows: [Published], _ catalog: RunCatalog, _ root: String) -> String {
        MarkdownTable(
            [
                "experiment", "published", "ours", "difference", "epochs", "time", "machine",
                "record, or how to make it",
            ],
            rows: rows.map { $0.row(catalog, root) }
        ).markdown
    }

    /// The documents' runs of MiniGoogLeNet. Their numbers are validation accuracies after the last epoch.
    private static func cifar10(_ catalog: RunCatalog, _ root: String) -> String {
        let books = [CIFAR10Experiment.Name.one, .two, .three].map {
            ("book, experiment \($0.rawValue)", $0, CIFAR10Experiment.named($0).published)
        }
        let others: [(String, CIFAR10Experiment.Name, Double?)] = [
            ("walk-through, experiment 1", .one, 88.15), ("walk-through, experiment 2", .two, 92.19),
            ("walk-through, experiment 3", .three, 90.79), ("README, as experiment 3", .three, 90.30),
            ("`fast`", .fast, nil),
        ]
        return comparison(
            (books + others).map { label, experiment, percent in
                Published(label: label, wanted: .cifar10(experiment), percent: percent) {
                    $0.test?.metrics["accuracy"] ?? $0.final("val_acc")
                }
            }, catalog, root)
    }

    private static func tinyImageNet(_ catalog: RunCatalog, _ root: String) -> String {
        let rows = TinyImageNetExperiment.all.flatMap { experiment in
            let wanted = WantedRun.tinyImageNet(experiment)
            let published = experiment.published
            return [
                Published(label: "\(experiment.name), validation", wanted: wanted, percent: published.validation) {
                    $0.final("val_acc")
                },
                Published(label: "\(experiment.name), test, rank 1", wanted: wanted, percent: published.rank1) {
                    $0.test?.metrics["rank1"]
                },
                Published(label: "\(experiment.name), test, rank 5", wanted: wanted, percent: published.rank5) {
                    $0.test?.metrics["rank5"]
                },
            ].filter { $0.percent != nil }
        }
        return comparison(rows, catalog, root)
    }

    /// The tutorial's last epoch.
    private static func inception(_ catalog: RunCatalog, _ root: String) -> String {
        let outputs = [("output", 81.91), ("auxilliary_output_1", 74.35), ("auxilliary_output_2", 77.91)]
        return comparison(
            outputs.map { name, percent in
                Published(label: "`\(name)`", wanted: .inceptionCIFAR10, percent: percent) {
                    $0.final("val_\(name)_acc")
                }
            }, catalog, root)
    }

    // MARK: - Ours alone

    private static func inceptionTaste(_ catalog: RunCatalog, _ root: String) -> String {
        guard let run = catalog.newest(.inceptionTaste) else { return missing(.inceptionTaste) }
        let losses = ["output_loss", "auxilliary_output_1_loss", "auxilliary_output_2_loss"]
        var table = MarkdownTable(["epoch", "loss", "`output`", "head 1", "head 2", "time", "images/s"])
        for epoch in run.record.epochs {
            table.rows.append(
                ["\(epoch.number)"]
                    + (["loss"] + losses).map { epoch.metrics[$0].map { String(format: "%.4f", $0) } ?? "" }
                    + [
                        String(format: "%.0f s", epoch.seconds),
                        epoch.imagesPerSecond.map { String(format: "%.1f", $0) } ?? "",
                    ])
        }
        return table.markdown + "\n\n" + provenance(run, root)
    }

    private static func twentyClasses(_ catalog: RunCatalog, _ root: String) -> String {
        guard let run = catalog.newest(.twentyClasses) else { return missing(.twentyClasses) }
        let record = run.record
        let test = record.test?.metrics ?? [:]
        func cell(_ value: Double?) -> String { value.map(percent) ?? "not run yet" }
        let table = MarkdownTable(
            ["", "one view", "ten views"],
            rows: [
                ["test, rank 1", cell(test["rank1"]), cell(test["rank1_ten_crops"])],
                ["test, rank 5", cell(test["rank5"]), cell(test["rank5_ten_crops"])],
                ["validation", cell(record.final("val_acc")), ""],
            ])
        return table.markdown + "\n\n" + provenance(run, root)
    }

    private static func fastSeeds(_ catalog: RunCatalog, _ root: String) -> String {
        let runs = catalog.all(.cifar10(.fast)).filter(\.record.isComplete)
        guard !runs.isEmpty else { return missing(.cifar10(.fast)) }
        var table = MarkdownTable([
            "seed", "test accuracy", "with mirror images", "epochs", "time", "images/s", "record",
        ])
        for run in runs {
            let record = run.record
            let speeds = record.epochs.compactMap(\.imagesPerSecond).sorted()
            table.rows.append([
                "\(record.seed)", record.test?.metrics["accuracy"].map(percent) ?? "",
                record.test?.metrics["mirrored_accuracy"].map(percent) ?? "", "\(record.epochs.count)",
                duration(record.trainingTime), speeds.isEmpty ? "" : String(format: "%.0f", speeds[speeds.count / 2]),
                link(run, root),
            ])
        }
        let accuracies = runs.compactMap { $0.record.test?.metrics["accuracy"] }
        if accuracies.count > 1 {
            let mean = accuracies.reduce(0, +) / Double(accuracies.count)
            let squares = accuracies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let deviation = (squares / Double(accuracies.count - 1)).squareRoot()
            table.rows.append([
                "mean of \(accuracies.count), standard deviation",
                String(format: "%.2f %% ± %.2f", 100 * mean, 100 * deviation),
            ])
        }
        return table.markdown
    }

    private static func fastEpochs(_ catalog: RunCatalog) -> String {
        guard let run = catalog.newest(.cifar10(.fast)) else { return missing(.cifar10(.fast)) }
        return MarkdownTable(
            ["epoch", "loss", "accuracy", "validation loss", "validation accuracy"],
            rows: run.record.epochs.map { epoch in
                ["\(epoch.number)"]
                    + ["loss", "acc", "val_loss", "val_acc"].map { metric in
                        epoch.metrics[metric].map { String(format: "%.4f", $0) } ?? ""
                    }
            }
        ).markdown
    }

    /// The classification report as it was printed.
    private static func fastReport(_ catalog: RunCatalog) -> String {
        guard let report = catalog.newest(.cifar10(.fast))?.record.test?.classificationReport else {
            return missing(.cifar10(.fast))
        }
        // Indented, a text cannot end its own block.
        return report.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "    \($0)" }
            .joined(separator: "\n")
    }

    private static func runs(_ catalog: RunCatalog, _ root: String) -> String {
        MarkdownTable(
            ["run", "seed", "epochs", "stages", "time", "machine", "backend", "commit"],
            rows: catalog.runs.map { run in
                let record = run.record
                let last = record.stages.last?.machine
                let commit = last?.gitCommit.map { "\($0.prefix(7))" + (last?.isTreeClean == false ? ", changed" : "") }
                return [
                    link(run, root, label: run.name), "\(record.seed)",
                    "\(record.epochs.count) of \(record.experiment.epochs)", "\(record.stages.count)",
                    duration(record.trainingTime), record.machine,
                    last.map { "\($0.backend), \($0.threads) threads" } ?? "", commit ?? "not known",
                ]
            }
        ).markdown
    }

    // MARK: - Speed

    /// The first table of the benchmarks' own page, as it stands there.
    private static func speed(_ folder: ReportFolder) throws -> String {
        let lines = try folder.text("Benchmarks/README.md").split(separator: "\n", omittingEmptySubsequences: false)
        let table = lines.drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
        guard table.count > 2 else { throw ReportError("Benchmarks/README.md has no table") }
        return table.joined(separator: "\n")
    }

    // MARK: - Cells

    private static func percent(_ share: Double) -> String { String(format: "%.2f %%", 100 * share) }

    private static func duration(_ seconds: Double) -> String {
        let minutes = Int((seconds / 60).rounded())
        return minutes < 60 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
    }

    private static func link(_ run: RunCatalog.Run, _ root: String, label: String = "record") -> String {
        "[\(label)](\(root)/report/runs/\(run.name)/run.json)"
    }

    private static func missing(_ wanted: WantedRun) -> String { "Not run here: `\(wanted.command)`." }

    private static func provenance(_ run: RunCatalog.Run, _ root: String) -> String {
        let record = run.record
        let note = record.note.map { " \($0)" } ?? ""
        return "\(record.epochs.count) epochs in \(duration(record.trainingTime)) on \(record.machine), seed "
            + "\(record.seed): \(link(run, root)).\(note)"
    }
}

extension RunRecord {
    /// The processor that trained it.
    fileprivate var machine: String { stages.last?.machine.processor ?? "" }
}
