import FixtureSupport
import Foundation
import NeuralNetwork
import ProgramSupport
import Runs
import System
import Testing

/// `--resume`: which checkpoint it finds, what it compares, and its messages.
@Suite(.serialized) struct ResumeTests {
    private let model = "output/googlenet_tinyimagenet_decay.hdf5"

    /// The newest checkpoint is cut off, or its numbers have changed: the run resumes from the one before it, and ends
    /// the same.
    @Test(arguments: [true, false])
    func aDamagedCheckpointIsSkipped(isCutOff: Bool) throws {
        let training = try Training()
        defer { training.remove() }
        let run = try training.make("run")
        #expect(try Command.run("train_decay", training.decay(), in: run).status == 0)
        let whole = contents("\(run)/\(model)")
        var damaged = whole
        if isCutOff {
            damaged.removeLast(whole.count / 2)
        } else {
            damaged.replaceSubrange(whole.count / 2..<whole.count / 2 + 4096, with: Data(count: 4096))
        }
        try damaged.write(to: URL(fileURLWithPath: "\(run)/\(model)"))
        let resumed = try Command.run("train_decay", training.decay("--resume"), in: run)
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(resumed.output.contains("passing over \(model), which is not whole"), "\(resumed.output)")
        #expect(resumed.output.contains("_previous.hdf5, 2 epochs"), "\(resumed.output)")
        #expect((contents("\(run)/\(model)") == whole) as Bool)

        // If neither is intact, the reason is reported and nothing begins.
        for name in [model, ModelCheckpoint.previousPath(model)] {
            try Data("no model".utf8).write(to: URL(fileURLWithPath: "\(run)/\(name)"))
        }
        let failed = try Command.run("train_decay", training.decay("--resume"), in: run)
        #expect(failed.isOneClearLine && failed.errors.contains("not an HDF5 file"), "\(failed.errors)")
        #expect(failed.status != 0)
    }

    /// A finished run is not trained again, and reports the same results.
    @Test func aFinishedRunDoesNotChange() throws {
        let training = try Training()
        defer { training.remove() }
        let run = try training.make("run")
        #expect(try Command.run("train", training.train(), in: run).status == 0)
        let expected = names(in: run).filter { !$0.hasSuffix(".run.json") }
        let before = expected.map { contents("\(run)/\($0)") }
        let resumed = try Command.run("train", training.train("--resume"), in: run)
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(!resumed.output.contains("Epoch "), "\(resumed.output)")
        #expect(expected.map { contents("\(run)/\($0)") } == before)
    }

    @Test func otherSettingsAreListed() throws {
        let training = try Training()
        defer { training.remove() }
        let run = try training.make("run")
        #expect(try Command.run("train_decay", training.decay("--epochs", "1"), in: run).status == 0)
        let before = contents("\(run)/\(model)")
        let other = try Command.run(
            "train_decay",
            training.decay("--epochs", "4", "--batch-size", "4", "--limit", "20", "--seed", "9", "--resume"), in: run)
        #expect(other.isOneClearLine && other.status != 0, "\(other.errors)")
        for difference in [
            "batch_size was 8, is 4", "epochs was 1, is 4", "training_images was 54, is 20", "seed was 3, is 9",
        ] { #expect(other.errors.contains(difference), "\(other.errors)") }
        #expect(!other.errors.contains("optimizer was"), "\(other.errors)")
        // The run's own model file needs no name.
        #expect(other.errors.contains("to resume, or --start-epoch 1 in place of --resume"), "\(other.errors)")
        #expect((contents("\(run)/\(model)") == before) as Bool)
    }

    /// A copy made file by file, an unpacked archive, a clock that was set back: dates do not show the order of
    /// training.
    @Test(arguments: ["train", "train_decay"])
    func theCheckpointWithTheMostTrainingIsResumed(program: String) throws {
        let training = try Training()
        defer { training.remove() }
        let run = try training.make("run")
        let arguments = program == "train" ? training.train("--epochs", "7") : training.decay()
        let stopped = try Command.interrupt(
            program, arguments, after: program == "train" ? "Epoch 6/7" : "Epoch 2/3", in: run)
        #expect(stopped.status == 128 + SIGINT)
        let last = program == "train" ? "output/checkpoints/last.hdf5" : model
        let trained = try SavedModel(reading: "\(run)/\(last)")
        // Every other file is newer now.
        let files = names(in: run).filter { $0.hasSuffix(".hdf5") && $0 != last }
        #expect(!files.isEmpty)
        for file in files {
            try FileManager.default.setAttributes(
                [.modificationDate: Date.now + 3600], ofItemAtPath: "\(run)/\(file)")
        }
        let resumed = try Command.run(program, arguments + ["--resume"], in: run)
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(
            resumed.output.contains("resuming from \(last), \(trained.state.epochs) epochs"), "\(resumed.output)")
        let ranked = try Command.run("rank_accuracy", ["--data", "\(training.folder)/hdf5"], in: run)
        #expect(ranked.status == 0, "\(ranked.errors)")
        let name = program == "train" ? "checkpoints/" : "_decay.hdf5"
        #expect(ranked.output.contains(name) && !ranked.output.contains("epoch_5"), "\(ranked.output)")
    }

    /// Records after the clock was set back, damaged records, and other runs' records never stop a training run. A
    /// record that cannot be continued is kept.
    @Test(arguments: ["set back", "damaged", "another's"])
    func noRecordStopsARun(what: String) throws {
        let training = try Training()
        defer { training.remove() }
        let run = try training.make("run")
        let record = "\(run)/output/googlenet_tinyimagenet_decay.run.json"
        #expect(try Command.interrupt("train_decay", training.decay(), after: "Epoch 1/3", in: run).status == 130)
        switch what {
        case "set back":
            var set = try RunRecord(contentsOf: record)
            set.stages[0].ended = set.stages[0].started - 3600
            try set.write(to: record)
        case "damaged": try contents(record).prefix(100).write(to: URL(fileURLWithPath: record))
        default:
            var set = try RunRecord(contentsOf: record)
            set.seed = 4
            try set.write(to: record)
        }
        let before = contents(record)
        let resumed = try Command.run("train_decay", training.decay("--resume"), in: run)
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(try Model.load("\(run)/\(model)").state.epochs == Training.epochs)
        if what == "set back" {
            #expect(try RunRecord(contentsOf: record).epochs.count == Training.epochs)
        } else {
            #expect((contents("\(record).1") == before) as Bool)
            #expect(
                resumed.output.contains("kept as output/googlenet_tinyimagenet_decay.run.json.1"), "\(resumed.output)")
        }
    }

    @Test func withoutACheckpointARunBegins() throws {
        let training = try Training()
        defer { training.remove() }
        let run = try Command.run(
            "train_decay", training.decay("--epochs", "1", "--resume"), in: try training.make("run"))
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("no checkpoint to resume from") && run.output.contains("Epoch 1/1"))
    }

    /// Ctrl+C, `kill`, and a closed terminal: the step is finished, the model saved, and the printed command resumes.
    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func aSignalEndsARunAfterTheStep(signal: Int32) throws {
        let training = try Training()
        defer { training.remove() }
        let straight = try training.make("straight")
        #expect(try Command.run("train_decay", training.decay(), in: straight).status == 0)
        let run = try training.make("run")
        let stopped = try Command.interrupt(
            "train_decay", training.decay(), after: "training on", in: run, signal: signal)
        #expect(stopped.status == 128 + signal)
        #expect(stopped.output.contains("interrupted; the model of this moment is in \(model)"), "\(stopped.output)")
        #expect(try Model.load("\(run)/\(model)").state.epochs < Training.epochs)
        let resumed = try Command.run("train_decay", training.decay("--resume"), in: run)
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect((contents("\(run)/\(model)") == contents("\(straight)/\(model)")) as Bool)
    }

    /// With nohup, a run continues when its terminal closes.
    @Test func nohupIsRespected() throws {
        let training = try Training()
        defer { training.remove() }
        let run = try training.make("run")
        let line = training.decay("--epochs", "1000").joined(separator: " ")
        // The terminal closes in the second epoch or later; two epochs after that, the run is asked to end.
        let status = try Command.shell(
            """
            nohup '\(Command.folder)'/train_decay \(line) > log & run=$!
            epochs() { grep -o 'Epoch [0-9]*/' log | tail -n 1 | tr -dc 0-9; }
            until [ "$(epochs)" -ge 2 ] 2> /dev/null; do kill -0 $run || exit 1; sleep 0.1; done
            kill -HUP $run; first=$(epochs)
            until [ "$(epochs)" -ge $((first + 2)) ]; do kill -0 $run || exit 2; sleep 0.1; done
            kill -TERM $run; kill -HUP $run; wait $run
            """, in: run)
        #expect(status == 128 + SIGTERM)
        #expect(try Model.load("\(run)/\(model)").state.epochs >= 3)
    }

    /// The reader of a run's output may end.
    @Test func nobodyNeedsToRead() throws {
        let training = try Training()
        defer { training.remove() }
        let run = try training.make("run")
        let line = training.decay("--epochs", "1").joined(separator: " ")
        let status = try Command.shell(
            "('\(Command.folder)'/train_decay \(line); echo $? > status) | head -n 1", in: run)
        #expect(status == 0 && contents("\(run)/status") == Data("0\n".utf8))
        #expect(try Model.load("\(run)/\(model)").state.epochs == 1)
    }
}
