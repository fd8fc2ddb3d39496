import Foundation
import NeuralNetwork
import PyImageSearch
import Runs
import Testing
@testable import Report

/// The report of finished runs, and of runs that only resemble them.
@Suite struct FinishedRunTests {
    @Test func everyFigureOfAFinishedRunIsDrawn() throws {
        try withReport { folder in
            try RunRecord.finished(.fast).file(in: folder, samples: .madeUp)
            try RunRecord.finished(.three, dataset: "shapes10", images: 4000).file(in: folder)
            let names = [
                "fast-recipe", "confusion-matrix", "class-accuracy", "mistakes", "filters", "augmentation", "shapes10",
            ]
            for name in names {
                try Figure.named(name).write(in: folder)
                for file in ["png", "svg"] {
                    let size = FileManager.default.contents(atPath: "\(folder.figures)/\(name).\(file)")?.count ?? 0
                    #expect(size > 2_000, "\(name).\(file)")
                }
            }
        }
    }

    @Test func samplesReadAreTheSamplesWritten() throws {
        try withReport { folder in
            try RunRecord.finished(.fast).file(in: folder, samples: .madeUp)
            let read = try RunSamples(contentsOf: folder.samplesPath(RunRecord.finished(.fast).runName))
            #expect(read.firstLayerKernel == RunSamples.madeUp.firstLayerKernel)
            #expect(read.mistakes?.images == RunSamples.madeUp.mistakes?.images)
            #expect(read.mistakes?.predicted == RunSamples.madeUp.mistakes?.predicted)
            #expect(read.batch?.labels == RunSamples.madeUp.batch?.labels)
        }
    }

    private func table(_ name: String, _ folder: ReportFolder) throws -> String {
        let table = try #require(Tables.all[name])
        return try table(RunCatalog(folder), folder, "..")
    }

    @Test func aFinishedRunIsBesideThePublishedNumber() throws {
        try withReport { folder in
            try RunRecord.finished(.one, right: 885).file(in: folder)
            let name = "minigooglenet-cifar10-50000-images-1-70-epochs-seed-1"
            #expect(
                try table("cifar10", folder).contains(
                    "| experiment 1 | book 87.95 %, walk-through 88.15 % | 88.50 % | +0.55 | 1 | 70 | 11 h 40 min | p | "
                        + "[record](../report/runs/\(name)/run.json) |"))
            let command = "swift run Chapter11MiniGoogLeNet --dataset cifar10 --experiment 2"
            #expect(
                try table("cifar10", folder).contains(
                    "\n* Not run here: experiment 2 (book 91.79 %, walk-through 92.19 %). `\(command)`."))
            // Its cost follows from the speed of a filed run.
            try RunRecord.finished(.fast).file(in: folder)
            #expect(
                try table("cifar10", folder).contains(
                    "`\(command)`, about 7 h on p, estimated from the speed of [a run]("))
        }
    }

    @Test func seedsAreInOneRow() throws {
        try withReport { folder in
            for (seed, right) in [(1, 885), (2, 895)] {
                try RunRecord.finished(.one, seed: UInt64(seed), right: right).file(in: folder)
            }
            #expect(
                try table("cifar10", folder).contains(
                    "| 89.00 % ± 0.71 | +1.05 | 1, 2 | 70 | 11 h 40 min | p | [seed 1]("))
        }
    }

    /// An unfinished run does not fill a row of the table.
    @Test func anUnfinishedRunIsNotAResult() throws {
        try withReport { folder in
            try RunRecord.finished(.one, seed: 2, epochs: 3).file(in: folder)
            #expect(try table("cifar10", folder).contains("* Not run here: experiment 1 "))
            try RunRecord.finished(.one, seed: 1).file(in: folder)
            #expect(try table("cifar10", folder).contains("| 90.00 % | +2.05 | 1 | 70 |"))
        }
    }

    /// Fewer images, another rate or another length make another experiment.
    @Test func aRunWithOtherSettingsIsAnotherExperiment() throws {
        var rate = RunRecord.finished(.three)
        rate.experiment.settings["optimizer"] = SGD(learningRate: 1).described
        var batch = RunRecord.finished(.three)
        batch.experiment.batchSize = 32
        var length = RunRecord.finished(.three)
        length.experiment.epochs = 71
        for record in [rate, batch, length, .finished(.three, images: 1000)] {
            #expect(!WantedRun(.three).describes(record))
        }
        #expect(WantedRun(.three).describes(.finished(.three)))
        #expect(!WantedRun(.two).describes(.finished(.three)))
    }

    @Test func seedsHaveAMeanAndADeviation() throws {
        try withReport { folder in
            for (seed, right) in [(1, 898), (2, 902), (3, 906)] {
                try RunRecord.finished(.fast, seed: UInt64(seed), right: right).file(in: folder)
            }
            let text = try table("fast-seeds", folder)
            #expect(text.contains("| 2 | 90.20 % | 95.00 % | 11 | 1 h 50 min | 150 |"))
            #expect(text.contains("| mean of 3, standard deviation | 90.20 % ± 0.40 |"))
            #expect(try table("fast-report", folder) == "```output\n  a\n\n  b\n```")
            #expect(try table("fast-epochs", folder).contains("| 2 | 1.0000 | 0.5000 | 2.0000 | 0.2500 |"))
            #expect(
                try table("runs", folder).contains("| 3 | 11 of 11 | 1 | 1 h 50 min | p | b, 2 threads | not known |"))
        }
    }

    @Test func theSpeedTableIsThatOfTheBenchmarks() throws {
        try withReport { folder in
            #expect(throws: ReportError.self) { try table("speed", folder) }
            let checkout = ReportFolder(root: URL(fileURLWithPath: #filePath + "/../../..").standardized.path)
            let text = try table("speed", checkout)
            #expect(text.hasPrefix("| work | here, images/s |") && text.contains("| train MiniGoogLeNet |"))
        }
    }
}
