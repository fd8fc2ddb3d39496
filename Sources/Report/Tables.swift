import Experiments
import Foundation
import Runs
import Weaving

/// The report's tables, by their names in prose. Every number of ours is read from a run record, or counted in a
/// network.
enum Tables {
    typealias Table = @Sendable (_ catalog: RunCatalog, _ folder: ReportFolder, _ root: String) throws -> String

    static let all = firstChapters.merging(lastChapters) { first, _ in first }
        .merging(inceptionFamily) { first, _ in first }

    private static let lastChapters: [String: Table] = [
        "cifar10": { catalog, _, root in cifar10(catalog, root) },
        "tiny-imagenet": { catalog, _, root in tinyImageNet(catalog, root) },
        "tiny-imagenet-20": { catalog, _, root in twentyClasses(catalog, root) },
        "resnet-cifar10": { catalog, _, root in resNet(Experiments.resNetCIFAR10, catalog, root) },
        "resnet-tiny-imagenet": { catalog, _, root in resNet(Experiments.resNetTinyImageNet, catalog, root) },
        "inception": { catalog, _, root in inception(catalog, root) },
        "inception-taste": { catalog, _, root in inceptionTaste(catalog, root) },
        "fast-seeds": { catalog, _, root in fastSeeds(catalog, root) },
        "fast-epochs": { catalog, _, root in fastEpochs(catalog) },
        "fast-report": { catalog, _, root in fastReport(catalog) },
        "imagenet-crops": { _, _, _ in imageNetCrops() },
        "runs": { catalog, _, root in runs(catalog, root) },
        "speed": { _, folder, _ in try speed(folder) },
    ]

    // MARK: - Published numbers and ours

    /// An experiment of the documents: their results, and ours.
    struct Comparison {
        let label: String
        let wanted: WantedRun
        let metrics: [Metric]

        struct Metric {
            /// Empty if the experiment has no other.
            let name: String
            /// In percent, with the document if there are several. Ours is compared with the first.
            let published: [(document: String, percent: Double)]
            /// The name in run records.
            let key: String

            /// From the test set if the run has a test result, else after the last epoch.
            func ours(_ record: RunRecord) -> Double? {
                // On CIFAR-10 the test set is also the validation set.
                record.test?.metrics[key == "val_acc" ? "accuracy" : key] ?? record.final(key)
            }
        }

        /// - Parameter names: names of metrics, by their keys in run records.
        init(_ experiment: Experiment, label: String, names: [String: String]) {
            self.label = label
            wanted = WantedRun(experiment)
            var keys: [String] = []
            for number in experiment.published where !keys.contains(number.metric) { keys.append(number.metric) }
            if keys.isEmpty { keys = ["val_acc"] }
            metrics = keys.map { key in
                let numbers = experiment.published.filter { $0.metric == key }
                let isFromSeveral = Set(experiment.published.map(\.source.title)).count > 1
                return Metric(
                    name: names[key] ?? key,
                    published: numbers.map { (isFromSeveral ? $0.source.title : "", $0.percent) }, key: key)
            }
        }

        /// The documents' numbers side by side.
        var published: String { metrics.map(Self.published).filter { !$0.isEmpty }.joined(separator: "; ") }

        /// Published numbers that none of the runs has, by their names.
        func unmeasured(_ runs: [RunCatalog.Run]) -> [String] {
            metrics.filter { metric in !runs.contains { metric.ours($0.record) != nil } }.map(Self.published)
        }

        private static func published(_ metric: Metric) -> String {
            let numbers = metric.published.map {
                "\($0.document.isEmpty ? "" : "\($0.document) ")\(Tables.percents($0.percent))"
            }
            return cell(metric.name, numbers.joined(separator: ", "))
        }

        /// - Parameter runs: finished ones, at least one.
        func row(_ runs: [RunCatalog.Run], _ root: String) -> [String] {
            let records = runs.map(\.record)
            var ours: [String] = [], differences: [String] = []
            for metric in metrics {
                let values = records.compactMap(metric.ours)
                guard let mean = Statistics.mean(values) else { continue }
                // An ensemble's accuracy is in the record of each of its networks.
                let isOne = Set(values).count == 1
                let spread = isOne ? "" : Statistics.deviation(values).map { String(format: " ± %.2f", 100 * $0) } ?? ""
                ours.append(Self.cell(metric.name, Tables.percent(mean) + spread))
                if let published = metric.published.first {
                    // Zero added, so that a tie is not written "-0.00".
                    let hundredths = (100 * (100 * mean - published.percent)).rounded() + 0
                    differences.append(String(format: "%+.2f", hundredths / 100))
                }
            }
            let times = records.map(\.trainingTime)
            return [
                label, published, ours.joined(separator: "; "), differences.joined(separator: "; "),
                records.map { "\($0.seed)" }.joined(separator: ", "), "\(records[0].experiment.epochs)",
                Tables.duration(times.reduce(0, +) / Double(times.count)),
                records.map(\.machine).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }.joined(
                    separator: "; "),
                runs.map { Tables.link($0, root, label: runs.count > 1 ? "seed \($0.record.seed)" : "record") }
                    .joined(separator: ", "),
            ]
        }

        private static func cell(_ name: String, _ text: String) -> String {
            name.isEmpty || text.isEmpty ? text : "\(name) \(text)"
        }
    }

    /// A row for every experiment that was run to its end, and below them a line for each that was not, and for each
    /// published number that none of its runs has.
    ///
    /// - Parameter speed: a filed run whose speed tells how long the others would take; `nil` if there is none of their
    ///   network.
    static func comparison(
        _ comparisons: [Comparison], _ catalog: RunCatalog, _ root: String, speed: WantedRun?
    ) -> String {
        var table = MarkdownTable([
            "experiment", "published", "ours", "difference", "seed", "epochs", "mean time", "machine", "record",
        ])
        var missing: [String] = []
        for comparison in comparisons {
            let runs = catalog.all(comparison.wanted).filter(\.record.isComplete)
            if runs.isEmpty {
                let published = comparison.published.isEmpty ? "" : " (\(comparison.published))"
                let cost =
                    speed.flatMap { Self.cost(of: comparison.wanted, speed: $0, catalog, root) }.map { ", \($0)" } ?? ""
                missing.append(
                    "* Not run here: \(comparison.label)\(published). `\(comparison.wanted.command)`\(cost).")
            } else {
                table.rows.append(comparison.row(runs, root))
                missing += comparison.unmeasured(runs).map { "* Not measured here: \(comparison.label) (\($0))." }
            }
        }
        return [table.rows.isEmpty ? "" : table.markdown, missing.joined(separator: "\n")]
            .filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    /// Hours of training, estimated from the speed of a filed run of the same network, or one of the same size.
    private static func cost(
        of wanted: WantedRun, speed: WantedRun, _ catalog: RunCatalog, _ root: String
    ) -> String? {
        guard let run = catalog.newest(speed), let images = wanted.imagesTrained,
            let rate = Statistics.median(
                run.record.epochs.map { $0.imagesPerSecond ?? Double(run.record.dataset.trainingImages) / $0.seconds })
        else { return nil }
        let hours = (Double(images) / rate / 3600).rounded(.up)
        return
            "about \(Int(hours)) h on \(run.record.machine), estimated from the speed of \(link(run, root, label: "a run"))"
    }

    /// The documents' runs of MiniGoogLeNet. Their numbers are validation accuracies after the last epoch.
    private static func cifar10(_ catalog: RunCatalog, _ root: String) -> String {
        let comparisons = Experiments.miniGoogLeNet.map {
            Comparison($0, label: label(of: $0), names: ["val_acc": ""])
        }
        return comparison(comparisons, catalog, root, speed: .fast)
    }

    /// The experiments of the book's chapter 12 on one data set.
    private static func resNet(_ experiments: [Experiment], _ catalog: RunCatalog, _ root: String) -> String {
        let hasRanks = experiments.contains { $0.published.count > 1 }
        let names = ["val_acc": hasRanks ? "validation" : "", "rank1": "rank 1", "rank5": "rank 5"]
        return comparison(
            experiments.map { Comparison($0, label: label(of: $0), names: names) }, catalog, root, speed: nil)
    }

    private static func label(of experiment: Experiment) -> String {
        experiment.source == .ours ? "`\(experiment.name)`" : "experiment \(experiment.name)"
    }

    private static func tinyImageNet(_ catalog: RunCatalog, _ root: String) -> String {
        let experiments = Experiments.tinyImageNetStages + Experiments.tinyImageNetDecay
        let names = ["val_acc": "validation", "rank1": "rank 1", "rank5": "rank 5"]
        return comparison(
            experiments.map { Comparison($0, label: $0.name, names: names) }, catalog, root, speed: .twentyClasses)
    }

    /// The tutorial's last epoch.
    private static func inception(_ catalog: RunCatalog, _ root: String) -> String {
        let outputs = ["output", "auxilliary_output_1", "auxilliary_output_2"]
        let names = Dictionary(uniqueKeysWithValues: outputs.map { ("val_\($0)_acc", "`\($0)`") })
        let comparison = Comparison(Experiments.tutorial, label: "the tutorial's Inception v1", names: names)
        return Self.comparison([comparison], catalog, root, speed: .inceptionTaste)
    }

    /// The paper's table 3.
    private static func imageNetCrops() -> String {
        MarkdownTable(
            ["networks", "crops", "top-5 error"],
            rows: Experiments.paperCrops.map {
                ["\($0.networks)", "\($0.crops)", String(format: "%.2f %%", $0.error)]
            }
        ).markdown
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
        let runs = catalog.all(.fast).filter(\.record.isComplete)
        guard !runs.isEmpty else { return missing(.fast) }
        var table = MarkdownTable([
            "seed", "test accuracy", "with mirror images", "epochs", "time", "images/s", "record",
        ])
        for run in runs {
            let record = run.record
            let speed = Statistics.median(record.epochs.compactMap(\.imagesPerSecond))
            table.rows.append([
                "\(record.seed)", record.test?.metrics["accuracy"].map(percent) ?? "",
                record.test?.metrics["mirrored_accuracy"].map(percent) ?? "", "\(record.epochs.count)",
                duration(record.trainingTime), speed.map { String(format: "%.0f", $0) } ?? "",
                link(run, root),
            ])
        }
        let accuracies = runs.compactMap { $0.record.test?.metrics["accuracy"] }
        if let mean = Statistics.mean(accuracies), let deviation = Statistics.deviation(accuracies) {
            table.rows.append([
                "mean of \(accuracies.count), standard deviation",
                String(format: "%.2f %% ± %.2f", 100 * mean, 100 * deviation),
            ])
        }
        return table.markdown
    }

    private static func fastEpochs(_ catalog: RunCatalog) -> String {
        guard let run = catalog.newest(.fast) else { return missing(.fast) }
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

    /// The printed classification report.
    private static func fastReport(_ catalog: RunCatalog) -> String {
        guard let report = catalog.newest(.fast)?.record.test?.classificationReport else {
            return missing(.fast)
        }
        return "```output\n\(report.trimmingCharacters(in: .newlines))\n```"
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

    /// The first table of the benchmarks' own page, unchanged.
    private static func speed(_ folder: ReportFolder) throws -> String {
        let lines = try folder.text("Benchmarks/README.md").split(separator: "\n", omittingEmptySubsequences: false)
        let table = lines.drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
        guard table.count > 2 else { throw ReportError("Benchmarks/README.md has no table") }
        return table.joined(separator: "\n")
    }

    // MARK: - Cells

    static func percent(_ share: Double) -> String { String(format: "%.2f %%", 100 * share) }

    /// A document's number, with the digits that it has: `98 %`, `67.94 %`.
    static func percents(_ number: Double) -> String {
        String(format: number == number.rounded() ? "%.0f %%" : "%.2f %%", number)
    }

    static func duration(_ seconds: Double) -> String {
        let minutes = Int((seconds / 60).rounded())
        return minutes < 60 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
    }

    static func link(_ run: RunCatalog.Run, _ root: String, label: String = "record") -> String {
        "[\(label)](\(root)/report/runs/\(run.name)/run.json)"
    }

    static func missing(_ wanted: WantedRun) -> String { "Not run here: `\(wanted.command)`." }

    private static func provenance(_ run: RunCatalog.Run, _ root: String) -> String {
        let record = run.record
        let note = record.note.map { " \($0)" } ?? ""
        return "\(record.epochs.count) epochs in \(duration(record.trainingTime)) on \(record.machine), seed "
            + "\(record.seed): \(link(run, root)).\(note)"
    }
}

/// Mean and spread of a few runs.
private enum Statistics {
    static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// The sample's standard deviation; `nil` for fewer than two values.
    static func deviation(_ values: [Double]) -> Double? {
        guard values.count > 1, let mean = mean(values) else { return nil }
        return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot()
    }

    static func median(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.sorted()[values.count / 2]
    }
}

extension RunRecord {
    /// The processor that trained it.
    var machine: String { stages.last?.machine.processor ?? "" }
}
