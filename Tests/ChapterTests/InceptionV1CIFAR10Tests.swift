import FixtureSupport
import Foundation
import NeuralNetwork
import ProgramSupport
import Runs
import Testing

@Suite(.serialized) struct InceptionV1CIFAR10Tests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

    private func arguments(_ output: String, _ more: String...) -> [String] {
        [
            "--output", "\(folder)/\(output)", "--model", "\(folder)/\(output)/m.hdf5", "--limit", "6",
            "--validation-limit", "3", "--batch-size", "4",
        ] + more
    }

    /// Everything is written under the original's name. One more epoch from the model file gives the bits of an
    /// uninterrupted run.
    @Test func writesEverythingToItsOutputFolderAndContinues() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = try Command.run("inception_v1_cifar10", arguments("a", "--epochs", "1", "--seed", "3"))
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("[INFO] training on 6 images of 10 classes"))
        #expect(run.output.contains("Epoch 1/1 - ") && run.output.contains("weighted avg"))
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/a").sorted()
        #expect(
            files == ["json", "png", "run.json", "samples.hdf5", "svg", "txt"].map { "inception_v1_cifar10.\($0)" }
                + ["m.hdf5"])
        let history = try JSON(
            parsing: String(contentsOfFile: "\(folder)/a/inception_v1_cifar10.json", encoding: .utf8))
        for output in ["output", "auxilliary_output_1", "auxilliary_output_2"] {
            for key in ["\(output)_loss", "\(output)_acc", "val_\(output)_loss", "val_\(output)_acc"] {
                #expect(history[key]?.array?.count == 1, "\(key)")
            }
        }
        let record = try RunRecord(contentsOf: "\(folder)/a/inception_v1_cifar10.run.json")
        #expect(record.network.parameters == 10_334_030 && record.dataset.validationImages == 3)
        // The network without heads predicts like the main output of the one with heads.
        #expect(record.test?.metrics["accuracy"] == record.final("val_output_acc"))

        let resumed = try Command.run("InceptionV1CIFAR10", arguments("a", "--epochs", "2", "--start-epoch", "1"))
        #expect(resumed.status == 0, "\(resumed.errors)")
        let straight = try Command.run("InceptionV1CIFAR10", arguments("b", "--epochs", "2", "--seed", "3"))
        #expect(straight.status == 0, "\(straight.errors)")
        func weights(_ run: String) throws -> [Float] {
            try Model.load("\(folder)/\(run)/m.hdf5").weights().flatMap(\.scalars)
        }
        #expect(try weights("a") == weights("b"))
    }

    /// It has one output here, and the record says which network it is.
    @Test func anotherNetworkIsTrainedByItsOwnRecipe() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let arguments = self.arguments("v2", "--network", "inception-v2", "--epochs", "1")
        let run = try Command.run("InceptionV1CIFAR10", arguments)
        #expect(run.status == 0, "\(run.errors)")
        let record = try RunRecord(contentsOf: "\(folder)/v2/inception_v2_cifar10.run.json")
        #expect(record.experiment.name == "inception-v2" && record.network.name == "InceptionV2")
        #expect(record.test?.metrics["accuracy"] == record.final("val_acc"))
        let again = try Command.run("InceptionV1CIFAR10", arguments + ["--resume"])
        #expect(again.status == 0 && again.output.contains("weighted avg"), "\(again.errors)")
    }

    static let mistakes: [(arguments: [String], message: String)] = [
        (["--data", "/nowhere"], "/nowhere does not exist"),
        (["--output", "/dev/null"], "a file of that name is in the way"),
        (["--model", ""], "must not be empty"),
        (["--epochs", "0"], "--epochs must be at least 1"),
        (["--learning-rate", "nan"], "--learning-rate must be above 0"),
        (["--batch-size", "0"], "--batch-size must be from 1"),
        (["--limit", "0"], "--limit must be at least 1"),
        (["--start-epoch", "5"], "--start-epoch must be below the 5 epochs"),
        (["--start-epoch", "1", "--model", "/nowhere.hdf5"], "/nowhere.hdf5"),
        (
            ["--start-epoch", "1", "--model", Fixtures.own("keras_models/minigooglenet_half_sgd.hdf5")],
            "holds another network"
        ),
        (["--dataset", "shapes10", "--data", "x"], "takes no --data"),
        (["--dataset", "mnist"], "'mnist' is invalid"),
        (["--network", "vgg16"], "'vgg16' is invalid"),
        (["--network", "inception-v4", "--experiment", "tutorial"], "there are inception-v4"),
    ]

    @Test(arguments: mistakes.indices)
    func aMistakeIsOneClearLine(index: Int) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (arguments, message) = Self.mistakes[index]
        let run = try Command.run("InceptionV1CIFAR10", self.arguments("m") + arguments)
        #expect(run.status != 0)
        #expect(run.isOneClearLine && run.errors.contains(message), "\(arguments): \(run.errors)")
    }
}
