import Experiments
import Foundation
import Runs
import Testing
@testable import Report

/// The tables of chapters 2 to 10, from filed records.
@Suite struct FirstChapterTests {
    private let checkout = ReportFolder(root: URL(fileURLWithPath: #filePath + "/../../..").standardized.path)

    private func table(_ name: String, _ folder: ReportFolder) throws -> String {
        let table = try #require(Tables.all[name])
        return try table(RunCatalog(folder), folder, "..")
    }

    /// A classifier of all pictures is beside the book's; one of a few is not.
    @Test func onlyTheWholeDataSetIsBesideTheBook() throws {
        let name = try #require(try checkout.classifierNames().first { $0.hasPrefix("flowers17") })
        var record = try checkout.classifier(name)
        try withReport { folder in
            try record.write(to: folder.classifierPath(record.name))
            let rank1 = try #require(record.test.metrics["rank1"])
            let row = try table("features", folder)
            #expect(row.contains("| Flowers-17 | 1360 | VGG16, weights of ImageNet |"))
            #expect(row.contains(Tables.percent(rank1)))
            #expect(row.contains("| 92.06 % | 99.41 % | 72 |") && row.contains("* Not run here: CALTECH-101"))
        }
        try withReport { folder in
            record.trainingSamples = 6
            try record.write(to: folder.classifierPath(record.name))
            #expect(try table("features", folder).contains("* Not run here: Flowers-17 (book: rank 1 92.06 %)"))
        }
    }

    /// Precision, recall and F1 of each class are those of the printed report.
    @Test(arguments: [
        ("flowers17-classes", Experiments.flowers17), ("flowers17-augmented-classes", Experiments.flowers17Augmented),
    ])
    func theClassesAreThoseOfTheReport(name: String, experiment: Experiment) throws {
        let record = try #require(try RunCatalog(checkout).newest(WantedRun(experiment))?.record)
        try compare(table(name, checkout), with: record.test, classes: 17)
    }

    /// The same of classifiers of features; of CALTECH-101 the book has seven of the classes.
    @Test(arguments: [
        ("animals-features-classes", "animals-2250-samples-vgg16-weights-of-imagenet-lbfgs", 3),
        ("caltech101-features-classes", "caltech101-6507-samples-vgg16-weights-of-imagenet-lbfgs", 7),
        ("flowers17-features-classes", "flowers17-1020-samples-vgg16-weights-of-imagenet-liblinear", 17),
        ("dogs-vs-cats-features-classes", "dogs-vs-cats-3000-samples-vgg16-weights-of-imagenet-lbfgs", 2),
    ])
    func theClassesOfFeaturesAreThoseOfTheReport(name: String, classifier: String, classes: Int) throws {
        try compare(table(name, checkout), with: checkout.classifier(classifier).test, classes: classes)
    }

    /// The same of both stages of the fine-tuning.
    @Test(arguments: [
        ("warm-up-classes", "vgg16-fcheadnet-flowers17-1020-images-1-warm-up-10-epochs-seed-42"),
        ("finetuning-classes", "vgg16-fcheadnet-flowers17-1020-images-1-10-epochs-seed-43"),
    ])
    func theClassesOfAFineTuningAreThoseOfTheReport(name: String, run: String) throws {
        try compare(table(name, checkout), with: checkout.record(run).test, classes: 17)
    }

    /// The book's rows add up to its averages, and each F1 is that of its precision and recall, to its two digits. Of
    /// CALTECH-101 it prints some of the rows.
    @Test(arguments: [
        PublishedReport.flowers17, .flowers17Augmented, .animals, .caltech101, .flowers17Features, .warmUp, .fineTuning,
        .dogsVsCats,
    ])
    func theBooksReportsAddUp(report: PublishedReport) {
        for row in report.classes {
            #expect(abs(2 * row.precision * row.recall / (row.precision + row.recall) - row.f1) <= 0.0151, "\(row)")
        }
        let images = report.classes.reduce(0) { $0 + $1.support }
        guard images == report.average.support else { return #expect(images == 492 && report.average.support == 2_170) }
        for score in [\PublishedReport.Row.precision, \.recall, \.f1] {
            let mean = report.classes.reduce(0) { $0 + $1[keyPath: score] * Double($1.support) } / Double(images)
            #expect(abs(mean - report.average[keyPath: score]) < 0.01, "\(mean)")
        }
    }

    private func compare(_ table: String, with test: RunRecord.TestResult?, classes: Int) throws {
        let report = try #require(test?.classificationReport).split(separator: "\n")
        let rows = table.split(separator: "\n").filter { $0.hasPrefix("|") }.dropFirst(2)
        #expect(rows.count == classes + 1)
        for row in rows {
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let name = cells[0] == "average" ? "weighted avg" : cells[0]
            let line = try #require(report.first { " \($0)".contains(" \(name) ") }, "\(name)")
            #expect(line.split(separator: " ").suffix(4).map(String.init) == Array(cells[5...]))
        }
    }

    /// Chapter 2 trains one network twice; each run has a place of its own.
    @Test func runsOfTwoChaptersDoNotReplaceEachOther() {
        let names = [Experiments.flowers17, Experiments.flowers17Augmented].map { experiment in
            var record = RunRecord.finished(experiment, dataset: "flowers17", images: 1_020)
            (record.chapter, record.network.name) = (experiment.chapter, experiment.networkName)
            return record.runName
        }
        #expect(names[0] != names[1] && names.allSatisfy { $0.hasPrefix("minivggnet-flowers17-1020-images-chapter02") })
    }

    /// Networks alone are not the average, and two are not five.
    @Test func anEnsembleIsCountedAndItsAverageIsMissed() throws {
        try withReport { folder in
            for seed: UInt64 in 42...46 {
                var record = RunRecord.finished(Experiments.ensembleMember, seed: seed, right: 830)
                (record.chapter, record.network.name) = ("Chapter06TrainModels", "MiniVGGNet")
                if seed == 46 {
                    #expect(
                        try table("ensemble", folder).contains(
                            "\n* Not measured here: 4 of five MiniVGGNets (average 84 %)."))
                    record.test?.metrics["ensemble_accuracy_of_5"] = 0.845
                }
                try record.file(in: folder)
            }
            let text = try table("ensemble", folder)
            #expect(
                text.contains(
                    "| five MiniVGGNets | each 83 %; average 84 % | each 83.00 %; average 84.50 % | +0.00; +0.50 |"
                ))
            #expect(!text.contains("Not measured"))
        }
    }

    @Test func bothStagesOfFineTuningAreRows() throws {
        let tuning = Experiments.fineTuning[0]
        for (images, isShown) in [(1_020, true), (64, false)] {
            try withReport { folder in
                for stage in [Experiments.warmUp(for: tuning), tuning] {
                    var record = RunRecord.finished(stage, dataset: "flowers17", images: images)
                    record.chapter = stage.chapter
                    record.experiment.settings["body"] = "VGG16, weights of ImageNet"
                    try record.file(in: folder)
                }
                let rows = try table("finetuning", folder)
                let book =
                    ["| 1-warm-up | VGG16, weights of ImageNet | 25 | 90.00 % | 89.71 % | 25 |"]
                    + ["| 1 | VGG16, weights of ImageNet | 100 | 90.00 % | 94.12 % | 100 |"]
                #expect(book.allSatisfy(rows.contains) == isShown, "\(rows)")
                #expect(rows.hasPrefix("Not run here") != isShown)
            }
        }
    }

    /// Runs of any length and of any part of the pictures are beside the book's; the one that saw the most is the last.
    @Test func allRunsOfAlexNetAreRows() throws {
        try withReport { folder in
            for (images, epochs) in [(20_000, 3), (20_000, 2), (3_200, 10)] {
                var experiment = Experiments.alexNet
                experiment.epochs = epochs
                var record = RunRecord.finished(experiment, dataset: "dogs-vs-cats", images: images)
                record.chapter = experiment.chapter
                record.test?.metrics = ["rank1": 0.9, "rank1_ten_crops": 0.95]
                try record.file(in: folder)
            }
            let rows = try table("dogs-vs-cats", folder).split(separator: "\n").dropFirst(2).map(String.init)
            #expect(rows.count == 4 && rows[0].hasPrefix("| book | 20000 | 75 | 92.97 % | 92.60 % | 94 % |"))
            for (row, start) in zip(rows.dropFirst(), ["3200 | 10", "20000 | 2", "20000 | 3"]) {
                #expect(row.hasPrefix("| ours | \(start) | ") && row.contains(" | 90.00 % | 95.00 % | "), "\(row)")
            }
            let longest = try RunCatalog(folder).ofAnyLength(Experiments.alexNet).last
            #expect(longest?.record.epochs.count == 3)
        }
    }

    @Test func documentsNumbersKeepTheirDigits() {
        #expect(
            Tables.percents(98) == "98 %" && Tables.percents(67.94) == "67.94 %" && Tables.percents(95.5) == "95.50 %")
    }
}
