import Foundation
import NeuralNetwork
import ProgramSupport
import PyImageSearch
import Runs
import Testing
@testable import Chapter05FinetuneFlowers17

/// The programs of chapter 5. Without weights at hand, fine-tuning has a small network.
@Suite(.serialized) struct Chapter05Tests {
    private let folder: String = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }()

    /// The classes of VGG16's layers as the book prints them.
    @Test func theLayersAreThoseThatTheBookPrints() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let blocks = [2, 2, 3, 3, 3].flatMap { [String](repeating: "Conv2D", count: $0) + ["MaxPooling2D"] }
        let body = ["InputLayer"] + blocks, top = ["Flatten", "Dense", "Dense", "Dense"]
        func classes(_ arguments: String...) throws -> [String] {
            let run = try Command.run("inspect_model", arguments, in: folder)
            #expect(run.status == 0, "\(run.errors)")
            return run.output.matches(of: #/(?m)^\[INFO\] (\d+) +(\w+) /#).enumerated().map { index, match in
                #expect(match.output.1 == "\(index)")
                return String(match.output.2)
            }
        }
        #expect(try classes() == body + top)
        #expect(try classes("--include-top", "1") == body + top)
        #expect(try classes("--include-top", "-1") == body)
        #expect(try classes("-i", "-1") == body)
        #expect(try classes("--network", "resnet50").count == 177)
        let bad = try Command.run("inspect_model", ["--model", "none.hdf5"], in: folder)
        #expect(bad.status != 0 && bad.isOneClearLine && bad.errors.contains("none.hdf5"))
    }

    /// The frozen layers keep their bits in both stages, statistics of normalizations included. A run that was killed in the
    /// second stage and resumed ends with the bits of one that was not.
    @Test func theStagesTrainWhatIsNotFrozen() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let arguments = [
            "--limit", "64", "--validation-limit", "32", "--warm-up-epochs", "1", "--epochs", "2", "--batch-size", "16",
        ]
        let program = "finetune_flowers17"
        let run = try Command.run(program, arguments + ["--output", "whole"], in: folder)
        #expect(run.status == 0, "\(run.errors)")
        try Command.kill(
            program, arguments + ["--output", "\(folder)/killed"], when: "\(folder)/killed/finetune_flowers17.hdf5")
        let resumed = try Command.run(program, arguments + ["--output", "killed", "--resume"], in: folder)
        #expect(resumed.status == 0, "\(resumed.errors)")
        func layers(_ path: String) throws -> [(isFree: Bool, weights: [Float])] {
            let model = try Model.load("\(folder)/\(path).hdf5")
            var weights = try model.weights()[...]
            return model.layers.filter { !$0.weights.isEmpty }.map { layer in
                let own = weights.prefix(layer.weights.count)
                weights = weights.dropFirst(own.count)
                return (layer.isTrainable, own.flatMap(\.scalars))
            }
        }
        let warm = try layers("whole/finetune_flowers17_warm_up"), tuned = try layers("whole/finetune_flowers17")
        let again = try layers("killed/finetune_flowers17")
        #expect(warm.count == 10 && zip(tuned, again).allSatisfy { $0.weights == $1.weights })
        // The body has four convolutions, each with a normalization; the second block is freed; the head has two layers.
        #expect(warm.map(\.isFree) == (0..<10).map { $0 >= 8 })
        #expect(tuned.map(\.isFree) == (0..<10).map { $0 >= 4 })
        for (before, after) in zip(warm, tuned) { #expect((before.weights == after.weights) == !after.isFree) }

        let record = try RunRecord(contentsOf: "\(folder)/whole/finetune_flowers17.run.json")
        #expect(record.experiment.name == "1" && record.network.name == "MiniVGGNet+FCHeadNet")
        #expect(record.experiment.settings["body"]?.string?.contains("drawings") == true)
        #expect(record.experiment.settings["unfreeze_from"]?.integer == 8)
        #expect(record.experiment.settings["warm_up_epochs"]?.integer == 1)
        let head = try RunRecord(contentsOf: "\(folder)/whole/finetune_flowers17_warm_up.run.json")
        // With the same seed the second stage would see the pictures of the first again.
        #expect(head.seed == 42 && record.seed == 43)
        #expect(head.experiment.settings["body"] == record.experiment.settings["body"])
        #expect(head.experiment.name == "1-warm-up" && head.epochs.count == 1 && head.test?.images == 32)
    }

    /// The first layer with maps as small as those of the last convolution, counted in Keras 3.15's networks (SqueezeNet:
    /// `fire6/squeeze1x1`).
    @Test(arguments: zip(PretrainedNetwork.Name.allCases, [15, 17, 143, 34, 241, 607]))
    func theLastBlockBeginsWhereTheMapsAreSmallest(network: PretrainedNetwork.Name, first: Int) {
        #expect(network.build(top: false).lastBlock == first)
    }

    /// The flags for learning rate and layers are the second stage's.
    @Test func theSecondStageTakesTheFlags() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let arguments = ["--limit", "32", "--validation-limit", "16", "--warm-up-epochs", "1", "--epochs", "1"]
        let run = try Command.run(
            "Chapter05FinetuneFlowers17", arguments + ["--learning-rate", "0.002", "--unfreeze-from", "2"], in: folder)
        #expect(run.status == 0, "\(run.errors)")
        func rate(_ name: String) throws -> Double? {
            let record = try RunRecord(contentsOf: "\(folder)/output/\(name).run.json")
            return record.experiment.settings["optimizer"]?["config"]?["learning_rate"]?.number
        }
        #expect(try rate("finetune_flowers17_warm_up") == 0.001)
        #expect(try rate("finetune_flowers17") == 0.002)
        let tuned = try Model.load("\(folder)/output/finetune_flowers17.hdf5")
        #expect(tuned.layers.firstIndex { $0.isTrainable && !$0.weights.isEmpty } ?? 0 >= 2)
        let other = try Command.run("Chapter05FinetuneFlowers17", arguments + ["--resume"], in: folder)
        #expect(other.status != 0 && other.isOneClearLine && other.errors.contains("unfreeze"), "\(other.errors)")
        let outside = try Command.run(
            "Chapter05FinetuneFlowers17", arguments + ["--unfreeze-from", "99", "--output", "outside"], in: folder)
        #expect(
            outside.status != 0 && outside.isOneClearLine && outside.errors.contains("--unfreeze-from must be below"))
        // It is refused before the first stage.
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/outside/finetune_flowers17_warm_up.run.json"))
    }

    @Test func aModelTakesThePlaceOfANetwork() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = "\(folder)/model.h5"
        try Data().write(to: URL(fileURLWithPath: file))
        for flags in [["--network", "vgg19"], ["-i", "-1"]] {
            let run = try Command.run("inspect_model", ["--model", file] + flags, in: folder)
            #expect(run.status != 0 && run.isOneClearLine && run.errors.contains("takes the place of"), "\(run.errors)")
        }
    }

    @Test func badWeightsAreOneClearLine() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = "\(folder)/weights.h5"
        try Data("no weights".utf8).write(to: URL(fileURLWithPath: file))
        for arguments in [
            ["--weights", file], ["--network", "small", "--weights", file], ["--weights", "none.h5"],
            ["--network", "vgg17"], ["--warm-up-epochs", "0"], ["--unfreeze-from", "-1"],
            ["--start-epoch", "100"],
        ] {
            let run = try Command.run("Chapter05FinetuneFlowers17", arguments, in: folder)
            #expect(run.status != 0 && run.isOneClearLine, "\(arguments): \(run.errors)")
        }
    }
}
