import Foundation
import NeuralNetwork
import ProgramSupport
import Runs
import Testing

/// The programs of chapter 12, run on drawn data. What they share with chapter 11's is tested there.
@Suite(.serialized) struct Chapter12Tests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

    private func files(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(path)").sorted()
    }

    private func weights(_ path: String) throws -> [Float] {
        try Model.load("\(folder)/\(path)").weights().flatMap(\.scalars)
    }

    /// The stages of the ctrl+c method in one go, and by hand with the rate of each.
    @Test func stagesByHandAreTheStagesOfTheTable() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func train(_ output: String, _ more: String...) throws {
            let arguments = ["--output", output, "--limit", "64", "--validation-limit", "32"] + more
            let run = try Command.run("resnet_cifar10", arguments, in: folder)
            #expect(run.status == 0, "\(run.errors)")
        }
        try train("whole", "--epochs", "6")
        #expect(
            try files("whole") == [
                "checkpoints", "resnet56_cifar10.json", "resnet56_cifar10.png", "resnet56_cifar10.run.json",
                "resnet56_cifar10.svg",
            ])
        let checkpoints = "checkpoints/resnet56_cifar10"
        #expect(try files("whole/\(checkpoints)").contains("epoch_6.hdf5"))
        try train("parts", "--epochs", "5", "--learning-rate", "1e-1")
        try train(
            "parts", "--epochs", "6", "--learning-rate", "1e-2", "--start-epoch", "5", "--model",
            "parts/\(checkpoints)/epoch_5.hdf5")
        #expect(try weights("whole/\(checkpoints)/epoch_6.hdf5") == weights("parts/\(checkpoints)/epoch_6.hdf5"))
    }

    @Test func aDecayResumes() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for experiment in ["4", "fast"] {
            let arguments = [
                "--limit", "96", "--validation-limit", "32", "--epochs", "2", "--experiment", experiment,
            ]
            let (whole, killed) = ("whole-\(experiment)", "killed-\(experiment)")
            let run = try Command.run("resnet_cifar10_decay", arguments + ["--output", whole], in: folder)
            #expect(run.status == 0, "\(run.errors)")
            let model = "resnet_cifar10_decay.hdf5"
            try Command.kill(
                "resnet_cifar10_decay", arguments + ["--output", "\(folder)/\(killed)"],
                when: "\(folder)/\(killed)/\(model)")
            let resumed = try Command.run(
                "Chapter12ResNetCIFAR10Decay", arguments + ["--output", killed, "--resume"], in: folder)
            #expect(resumed.status == 0, "\(resumed.errors)")
            #expect(try weights("\(whole)/\(model)") == weights("\(killed)/\(model)"))
            let record = try RunRecord(contentsOf: "\(folder)/\(whole)/resnet_cifar10_decay.run.json")
            #expect(record.epochs.count == 2 && record.network.name == "ResNet" && record.experiment.name == experiment)
        }
    }

    /// Chapter 12's programs find the data of chapter 11's and each other's models, not those of chapter 11.
    @Test func theProgramsForTinyImageNetFindEachOthersFiles() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tree = try TinyImageNetTree("\(folder)/tree", imagesPerClass: 10)
        func run(_ program: String, _ arguments: String..., fails message: String? = nil) throws -> Command {
            let run = try Command.run(program, arguments, in: folder)
            #expect((run.status == 0) == (message == nil), "\(program): \(run.errors)")
            if let message { #expect(run.isOneClearLine && run.errors.contains(message), "\(run.errors)") }
            return run
        }
        _ = try run("Chapter11BuildTinyImageNet", "--data", tree.folder)
        _ = try run("Chapter11Train", "--experiment", "book-1", "--batch-size", "8", "--epochs", "1")
        _ = try run("Chapter12RankAccuracy", fails: "train one (swift run Chapter12Train)")

        let stopped = try Command.interrupt(
            "Chapter12Train", ["--batch-size", "8", "--epochs", "1"], after: "training on", in: folder)
        #expect(stopped.status == 128 + SIGINT, "\(stopped.errors)")
        let command = try #require(stopped.output.split(separator: "\n").last)
        #expect(command == "swift run Chapter12Train --batch-size 8 --epochs 1 --resume", "\(stopped.output)")
        _ = try run("Chapter12Train", "--batch-size", "8", "--epochs", "1", "--resume")
        #expect(
            try run("Chapter12RankAccuracy").output.contains("loading output/checkpoints/resnet_tinyimagenet/"))

        _ = try run("Chapter12TrainDecay", "--batch-size", "8", "--epochs", "2")
        let ranked = try run("Chapter12RankAccuracy", "--crops", "10")
        #expect(ranked.output.contains("loading output/resnet_tinyimagenet_decay.hdf5"), "\(ranked.output)")
        let record = try RunRecord(contentsOf: "\(folder)/output/resnet_tinyimagenet_decay.run.json")
        #expect(
            Set(record.test.map { Array($0.metrics.keys) } ?? []) == [
                "rank1", "rank5", "rank1_ten_crops", "rank5_ten_crops",
            ])
        // Chapter 11's model is where it was, and its own program finds it.
        #expect(try run("Chapter11RankAccuracy").output.contains("loading output/checkpoints/"))
    }
}
