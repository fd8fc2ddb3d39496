import FixtureSupport
import Foundation
import NeuralNetwork
import ProgramSupport
import Testing

/// A run never replaces the files of another run, or of one with more training; and following any advice loses nothing.
@Suite(.serialized) struct OverwriteTests {
    private let model = "output/googlenet_tinyimagenet_decay.hdf5"

    /// All files of a folder except locks, by name.
    private func state(_ folder: String) -> [String: Data] {
        Dictionary(uniqueKeysWithValues: names(in: folder).map { ($0, contents("\(folder)/\($0)")) })
    }

    /// The same run may be repeated: it ends with the same bits.
    @Test(arguments: SlowTests.arguments(["train", "train_decay"], usually: 1))
    func aCompleteRunMayBeRepeated(program: String) throws {
        let training = try Training()
        defer { training.remove() }
        let run = try training.make("run")
        #expect(try Command.run(program, training.arguments(program), in: run).status == 0)
        let before = state(run).filter { !$0.key.hasSuffix(".run.json") }
        let again = try Command.run(program, training.arguments(program), in: run)
        #expect(again.status == 0, "\(again.errors)")
        #expect(state(run).filter { !$0.key.hasSuffix(".run.json") } == before)
    }

    /// Another experiment, seed, data set or length: nothing changes, the message says what exists, and all the
    /// commands that it offers work.
    @Test(arguments: [
        ["--experiment", "book-2"], ["--seed", "4"], ["--limit", "20"], ["--epochs", "2"], ["--learning-rate", "1e-3"],
        ["--batch-size", "4"],
    ])
    func anotherRunIsRefused(other: [String]) throws {
        let training = try Training()
        defer { training.remove() }
        let run = try training.make("run"), lastModel = "output/checkpoints/last.hdf5"
        #expect(try Command.run("train", training.train("--epochs", "1"), in: run).status == 0)
        let before = state(run)
        let arguments = training.train("--epochs", "1") + other
        let refused = try Command.run("train", arguments, in: run)
        #expect(refused.status != 0 && refused.isOneClearLine, "\(refused.errors)")
        for word in ["output/checkpoints/", "another run", "seed 3", "--output", "--overwrite"] {
            #expect(refused.errors.contains(word), "\(refused.errors)")
        }
        #expect((state(run) == before) as Bool)
        let elsewhere = try Command.run("train", arguments + ["--output", "elsewhere"], in: run)
        #expect(elsewhere.status == 0, "\(elsewhere.errors)")
        #expect(state(run).filter { before.keys.contains($0.key) } == before)
        let overwritten = try Command.run("train", arguments + ["--overwrite"], in: run)
        #expect(overwritten.status == 0, "\(overwritten.errors)")
        #expect((contents("\(run)/\(lastModel)") == contents("\(run)/elsewhere/checkpoints/last.hdf5")) as Bool)
    }

    /// An unfinished run has more training than a new one, even after a few steps of the first epoch.
    @Test(arguments: ["training on", "Epoch 1/3"])
    func anUnfinishedRunIsNotBegunAnew(moment: String) throws {
        let training = try Training()
        defer { training.remove() }
        let run = try training.make("run")
        #expect(try Command.interrupt("train_decay", training.decay(), after: moment, in: run).status == 130)
        let before = state(run)
        let refused = try Command.run("train_decay", training.decay(), in: run)
        #expect(refused.status != 0 && refused.isOneClearLine, "\(refused.errors)")
        #expect(refused.errors.contains("--resume") && refused.errors.contains("--overwrite"), "\(refused.errors)")
        #expect((state(run) == before) as Bool)
        let straight = try training.make("straight")
        #expect(try Command.run("train_decay", training.decay(), in: straight).status == 0)
        #expect(try Command.run("train_decay", training.decay("--resume"), in: run).status == 0)
        #expect((contents("\(run)/\(model)") == contents("\(straight)/\(model)")) as Bool)
    }

    /// The same settings with another model file: the record and history of the run with more training stay.
    @Test func theRecordOfAnUnfinishedRunIsKept() throws {
        let training = try Training()
        defer { training.remove() }
        let run = try training.make("run")
        #expect(try Command.interrupt("train_decay", training.decay(), after: "Epoch 1/3", in: run).status == 130)
        let before = state(run)
        let refused = try Command.run("train_decay", training.decay("--model", "other.hdf5"), in: run)
        #expect(refused.isOneClearLine && refused.errors.contains("unfinished run"), "\(refused.errors)")
        #expect((state(run) == before) as Bool)
    }

    /// An existing file is not a model of ours: a text, Keras's own model, a history without a record.
    @Test(arguments: ["text", "history"])
    func otherFilesAreKept(what: String) throws {
        let training = try Training()
        defer { training.remove() }
        let run = try training.make("run/output")
        let file = "\(run)/googlenet_tinyimagenet_decay.\(what == "text" ? "hdf5" : "json")"
        try Data("{\"loss\": [1.5]}".utf8).write(to: URL(fileURLWithPath: file))
        let refused = try Command.run("train_decay", training.decay(), in: "\(training.folder)/run")
        #expect(refused.status != 0 && refused.isOneClearLine, "\(refused.errors)")
        #expect(contents(file) == Data("{\"loss\": [1.5]}".utf8))
    }

    /// Ctrl+C in the first epoch, then another rate: the command in the message of `--resume` continues from that step,
    /// in every program. It is not refused, and loses nothing.
    @Test(arguments: SlowTests.arguments(["train", "train_decay"], usually: 1))
    func theAdviceForOtherSettingsContinuesTheRun(program: String) throws {
        let training = try Training()
        defer { training.remove() }
        let run = try training.make("run")
        let last = program == "train" ? "output/checkpoints/last.hdf5" : model
        #expect(
            try Command.interrupt(program, training.arguments(program), after: "training on", in: run).status == 130)
        let stopped = try SavedModel(reading: "\(run)/\(last)")
        #expect(stopped.state.epochs == 0 && stopped.state.step > 0)
        let other = training.arguments(program, ["--learning-rate", "1e-4", "--limit", "40"])
        let refused = try Command.run(program, other + ["--resume"], in: run)
        #expect(refused.isOneClearLine && refused.errors.contains("in place of --resume"), "\(refused.errors)")
        let advice = try #require(
            refused.errors.firstMatch(of: /to resume, or (.*) in place of --resume to continue/)?.output.1)
        let flags = advice.split(separator: " ").map(String.init)
        #expect(flags.suffix(2) == ["--start-epoch", "0"])
        let continued = try Command.run(program, other + flags, in: run)
        #expect(continued.status == 0, "\(continued.errors)")
        #expect(continued.output.contains("loading \(last)"), "\(continued.output)")
        #expect(try Model.load("\(run)/\(last)").state.iterations > stopped.state.step)
    }

    /// The book's method: back to an earlier checkpoint with a lower rate. Later checkpoints are kept.
    @Test func goingBackKeepsTheLaterTraining() throws {
        let training = try Training()
        defer { training.remove() }
        let run = try training.make("run")
        #expect(try Command.run("train", training.train("--epochs", "6"), in: run).status == 0)
        let last = "output/checkpoints/last.hdf5"
        let before = contents("\(run)/\(last)")
        let back = training.train(
            "--epochs", "6", "--model", "output/checkpoints/epoch_5.hdf5", "--start-epoch", "5", "--learning-rate",
            "1e-4")
        let run2 = try Command.run("train", back, in: run)
        #expect(run2.status == 0, "\(run2.errors)")
        #expect(contents("\(run)/\(last).1") == before, "\(run2.output)")
        #expect(run2.output.contains("kept \(last) as \(last).1"), "\(run2.output)")
    }

    /// Three stages of the book's method, each with a lower rate. The second is interrupted, and its printed command
    /// resumes it.
    @Test func stagesContinueFromEachOther() throws {
        let training = try Training()
        defer { training.remove() }
        let run = try training.make("run")
        func stage(_ epochs: Int, _ rate: String, from start: Int) -> [String] {
            let model = ["--model", "output/checkpoints/epoch_\(start).hdf5", "--start-epoch", "\(start)"]
            return training.train("--epochs", "\(epochs)", "--learning-rate", rate) + (start > 0 ? model : [])
        }
        #expect(try Command.run("train", stage(5, "1e-3", from: 0), in: run).status == 0)
        let stopped = try Command.interrupt("train", stage(10, "1e-4", from: 5), after: "Epoch 7/10", in: run)
        #expect(stopped.status == 130, "\(stopped.output)")
        let resumed = try Command.run(
            "train", training.train("--epochs", "10", "--learning-rate", "1e-4", "--resume"), in: run)
        #expect(resumed.status == 0, "\(resumed.errors)")
        let third = try Command.run("train", stage(11, "1e-5", from: 10), in: run)
        #expect(third.status == 0, "\(third.errors)")
        for epoch in [5, 10, 11] {
            let file = "\(run)/output/checkpoints/epoch_\(epoch).hdf5"
            #expect(try SavedModel(reading: file).state.epochs == epoch)
        }
    }

    /// A named model is continued: nothing begins anew in its place, and other files stay.
    @Test func overwritingLeavesOtherFiles() throws {
        let training = try Training()
        defer { training.remove() }
        let run = try training.make("run")
        #expect(try Command.run("train", training.train("--epochs", "5"), in: run).status == 0)
        let before = state(run)
        let refused = try Command.run(
            "train", training.train("--model", "output/checkpoints/epoch_5.hdf5", "--overwrite"), in: run)
        #expect(refused.isOneClearLine && refused.errors.contains("--start-epoch 5"), "\(refused.errors)")
        #expect((state(run) == before) as Bool)
        // The data set's own folder as the folder of checkpoints.
        let data = state("\(training.folder)/hdf5")
        let other = try Command.run(
            "train", training.train("--checkpoints", "\(training.folder)/hdf5", "--output", "other", "--overwrite"),
            in: run)
        #expect(other.status == 0, "\(other.errors)")
        #expect(state("\(training.folder)/hdf5").filter { data.keys.contains($0.key) } == data)
    }

    /// A run's model is continued in the place of another run, whose history and record are kept.
    @Test func theHistoryOfAnotherRunIsNotContinued() throws {
        let training = try Training()
        defer { training.remove() }
        let run = try training.make("run")
        for (seed, output) in [("3", "a"), ("5", "b")] {
            let arguments = training.decay("--epochs", "1", "--seed", seed, "--output", output)
            #expect(try Command.run("train_decay", arguments, in: run).status == 0)
        }
        let name = "googlenet_tinyimagenet_decay"
        let before = ["json", "run.json"].map { contents("\(run)/b/\(name).\($0)") }
        let continued = try Command.run(
            "train_decay",
            training.decay("--epochs", "2", "--start-epoch", "1", "--output", "b", "--model", "a/\(name).hdf5"), in: run
        )
        #expect(continued.status == 0, "\(continued.errors)")
        #expect(["json.1", "run.json.1"].map { contents("\(run)/b/\(name).\($0)") } == before)
    }

    /// A file is kept until its replacement exists: a run that diverges, or that is repeated and interrupted, replaces
    /// nothing.
    @Test(arguments: ["--learning-rate=1e38", ""])
    func aReplacedFileIsKeptUntilThereIsANewOne(flag: String) throws {
        let training = try Training()
        defer { training.remove() }
        let run = try training.make("run")
        #expect(try Command.run("train_decay", training.decay(), in: run).status == 0)
        let before = contents("\(run)/\(model)")
        if flag.isEmpty {
            #expect(try Command.interrupt("train_decay", training.decay(), after: "Epoch 1/3", in: run).status == 130)
        } else {
            #expect(try Command.run("train_decay", training.decay(flag, "--overwrite"), in: run).status != 0)
        }
        #expect((contents("\(run)/\(model).1") == before) as Bool)
    }

    /// A failed start leaves neither folder nor lock.
    @Test(arguments: [
        "train", "train_decay", "TrainImageNet", "Chapter11MiniGoogLeNet", "InceptionV1CIFAR10",
        "Chapter12ResNetCIFAR10",
        "Chapter12ResNetCIFAR10Decay", "Chapter12Train", "Chapter12TrainDecay",
    ])
    func aFailedStartLeavesNoFolder(program: String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let failed = try Command.run(program, ["--data", "nowhere", "--output", "a/b"], in: folder)
        #expect(failed.status != 0 && failed.isOneClearLine, "\(failed.errors)")
        #expect(names(in: folder) == [])
    }
}
