import FixtureSupport
import Foundation
import NeuralNetwork
import ProgramSupport
import Runs
import Testing

@Suite(.serialized) struct Chapter11MiniGoogLeNetTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

    private func arguments(_ output: String, _ more: String...) -> [String] {
        ["--output", "\(folder)/\(output)", "--model", "\(folder)/\(output)/m.hdf5", "--limit", "96"] + more
    }

    /// Model, history, both plots and report are written, also by the program under the original's name.
    @Test func writesEverythingToItsOutputFolder() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = try Command.run("minigooglenet_cifar10", arguments("a", "--epochs", "1", "--backend", "openblas"))
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("[INFO] training on 96 images of 10 classes"))
        #expect(run.output.contains("Epoch 1/1 - ") && run.output.contains("weighted avg"))
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/a").sorted()
        #expect(
            files == [
                "m.hdf5", "minigooglenet_cifar10.json", "minigooglenet_cifar10.png", "minigooglenet_cifar10.run.json",
                "minigooglenet_cifar10.samples.hdf5", "minigooglenet_cifar10.svg", "minigooglenet_cifar10.txt",
            ])
        let history = try JSON(parsing: String(contentsOfFile: "\(folder)/a/\(files[1])", encoding: .utf8))
        for key in ["loss", "acc", "val_loss", "val_acc", "lr"] { #expect(history[key]?.array?.count == 1, "\(key)") }
        let samples = try RunSamples(contentsOf: "\(folder)/a/minigooglenet_cifar10.samples.hdf5")
        #expect(samples.firstLayerKernel?.shape == [3, 3, 3, 96] && samples.batch?.images.shape == [16, 32, 32, 3])
        let probability = try #require(samples.mistakes).probability
        #expect(probability == probability.sorted(by: >) && !probability.isEmpty)
    }

    /// Killed after the first epoch and resumed, the run ends with the bits of an uninterrupted run.
    @Test func aKilledRunResumesToTheSameBits() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let straight = try Command.run("Chapter11MiniGoogLeNet", arguments("straight", "--epochs", "2", "--seed", "3"))
        #expect(straight.status == 0, "\(straight.errors)")
        try Command.kill(
            "Chapter11MiniGoogLeNet", arguments("killed", "--epochs", "2", "--seed", "3"),
            when: "\(folder)/killed/m.hdf5")
        let resumed = try Command.run(
            "Chapter11MiniGoogLeNet", arguments("killed", "--epochs", "2", "--resume"))
        #expect(resumed.status == 0, "\(resumed.errors)")
        func weights(_ run: String) throws -> [Float] {
            try Model.load("\(folder)/\(run)/m.hdf5").weights().flatMap(\.scalars)
        }
        #expect(try weights("straight") == weights("killed"))
        func history(_ run: String) throws -> String {
            try String(contentsOfFile: "\(folder)/\(run)/minigooglenet_cifar10.json", encoding: .utf8)
        }
        #expect(try history("straight") == history("killed"))
        // The record has both parts as one run.
        func record(_ run: String) throws -> RunRecord {
            try RunRecord(contentsOf: "\(folder)/\(run)/minigooglenet_cifar10.run.json")
        }
        let (whole, parted) = (try record("straight"), try record("killed"))
        #expect(whole.epochs.map(\.metrics) == parted.epochs.map(\.metrics))
        #expect(whole.stages.count == 1 && parted.stages.map(\.reachedEpoch) == [1, 2])
        #expect(whole.test == parted.test && whole.weights == parted.weights && whole.dataset == parted.dataset)
    }

    static let mistakes: [(arguments: [String], message: String)] = [
        (["--data", "/nowhere"], "/nowhere does not exist"),
        (["--output", "/proc/nowhere"], "cannot make the folder /proc/nowhere"),
        (["--output", "/dev/null"], "a file of that name is in the way"),
        (["--model", "/"], "folder"),
        (["--model", "/dev/null/x.hdf5"], "in the way"),
        (["--epochs", "0"], "--epochs must be at least 1"),
        (["--learning-rate", "x"], "--learning-rate must be a number, above 0, not x"),
        (["--learning-rate", "-1"], "learning-rate"),
        (["--learning-rate", "nan"], "--learning-rate must be above 0"),
        (["--backend", "metal"], "'onednn', 'openblas' or 'cuda'"),
        (["--threads", "0"], "--threads must be from 1"),
        (["--batch-size", "0"], "--batch-size must be from 1"),
        (["--batch-size", "9223372036854775807"], "--batch-size must be from 1"),
        (["--model", ""], "must not be empty"),
        (["--start-epoch", "1", "--model", "/nowhere.hdf5"], "/nowhere.hdf5"),
        (["--limit", "0"], "--limit must be at least 1"),
        (["--experiment", "4"], "there is no experiment \"4\"; there are 1, 2, 3, fast"),
        (["--start-epoch", "5", "--epochs", "5"], "--start-epoch must be below the 5 epochs"),
        (["--start-epoch", "1", "--model", Fixtures.own("README.md")], "not an HDF5 file"),
        (
            ["--start-epoch", "1", "--model", Fixtures.own("keras_models/minigooglenet_half_sgd.hdf5")],
            "holds another network"
        ),
        (["--start-epoch", "1", "--resume"], "leave --start-epoch out"),
        (["--dataset", "shapes10", "--data", "x"], "takes no --data"),
        (["--unknown"], "Unknown option '--unknown'"),
    ]

    @Test(arguments: mistakes.indices)
    func aMistakeIsOneClearLine(index: Int) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (arguments, message) = Self.mistakes[index]
        let run = try Command.run("Chapter11MiniGoogLeNet", self.arguments("m") + arguments)
        #expect(run.status != 0)
        #expect(run.isOneClearLine && run.errors.contains(message), "\(arguments): \(run.errors)")
    }

    @Test func benchmarkPrintsOneJSONLine() throws {
        let run = try Command.run(
            "Benchmark", ["train", "--model", "minigooglenet", "--batch-size", "4", "--steps", "2", "--threads", "1"])
        #expect(run.status == 0, "\(run.errors)")
        let lines = run.output.split(separator: "\n")
        #expect(lines.count == 1)
        let json = try JSON(parsing: run.output)
        guard case .object(let members) = json else { return }
        #expect(
            Set(members.keys) == [
                "system", "mode", "model", "batch_size", "threads", "images_per_second", "step_seconds",
                "peak_rss_bytes", "layout", "compile", "backend", "processor",
            ])
        #expect(json["mode"] == "train" && json["model"] == "minigooglenet" && json["batch_size"] == 4)
        #expect((json["images_per_second"]?.number ?? 0) > 0)
        #expect((json["step_seconds"]?["median"]?.number ?? 0) > 0)
        #expect((json["peak_rss_bytes"]?.number ?? 0) > 1e6)
        #expect(json["processor"]?.string?.isEmpty == false)
    }

    @Test func benchmarkRefusesBatchesThatExceedMemory() throws {
        let run = try Command.run(
            "Benchmark", ["fit", "--model", "inceptionv1", "--batch-size", "65536", "--steps", "1000000"])
        #expect(run.isOneClearLine && run.errors.contains("images take"), "\(run.errors)")
    }
}
