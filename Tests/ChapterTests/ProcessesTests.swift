import FixtureSupport
import Foundation
import NeuralNetwork
import ProgramSupport
import Runs
import Testing

/// Chapters that several processes train together, on one machine; `Tests/mpi/hosts.sh` has several.
@Suite(.serialized) struct ProcessesTests {
    private static let program = "Chapter11MiniGoogLeNet"
    private static let small = ["--limit", "96", "--batch-size", "24", "--validation-limit", "40"]

    private func inNewFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    /// A run to its end, and its record.
    @discardableResult
    private func train(
        _ processes: Int?, _ flags: [String], _ output: String, in folder: String
    ) throws -> (record: RunRecord, command: Command) {
        let arguments = flags + ["--output", output]
        let command =
            try processes.map { try Command.run(Self.program, arguments, processes: $0, in: folder) }
            ?? Command.run(Self.program, arguments, in: folder)
        try #require(command.status == 0, "\(command.errors)")
        return (try RunRecord(contentsOf: "\(folder)/\(output)/minigooglenet_cifar10.run.json"), command)
    }

    private func weights(_ output: String, in folder: String) throws -> [Float] {
        try Model.load("\(folder)/\(output)/minigooglenet_cifar10.hdf5", backend: TestBackend.any.backend).weights()
            .flatMap(\.scalars)
    }

    /// One process writes and reports. The record names all, and the same number of processes ends with the same bits.
    @Test func twoProcessesTrainAndResume() throws {
        try inNewFolder { folder in
            let (whole, command) = try train(2, Self.small + ["--epochs", "2"], "whole", in: folder)
            #expect(command.output.components(separatedBy: "[INFO] evaluating network").count == 2)
            let machine = try #require(whole.stages.first?.machine)
            #expect(machine.processes?.hosts.count == 2 && machine.processes?.threads.count == 2)
            #expect(machine.processes?.library.contains("MPI") == true)
            #expect(whole.stages.first?.commandLine.hasPrefix("mpirun -n 2 swift run \(Self.program)") == true)
            #expect(whole.epochs.count == 2 && whole.test?.images == 40)

            try train(2, Self.small + ["--epochs", "1"], "parts", in: folder)
            let (resumed, _) = try train(2, Self.small + ["--epochs", "2", "--start-epoch", "1"], "parts", in: folder)
            #expect(resumed.epochs.count == 2)
            let (again, _) = try train(2, Self.small + ["--epochs", "2"], "again", in: folder)
            #expect(again.weights == whole.weights)
        }
    }

    /// Synchronized, the number of processes changes nothing but rounding, dropout included. One step only: the drawn shapes
    /// are flat, so that rounding decides many ReLUs, and what it decides grows from step to step.
    @Test func synchronizedProcessesAreAsOne() throws {
        try inNewFolder { folder in
            let flags =
                ["--limit", "16", "--batch-size", "16", "--validation-limit", "40", "--epochs", "1"]
                + ["--backend", "openblas", "--sync-batch-norm"]
            let (one, _) = try train(nil, flags, "one", in: folder)
            let (three, _) = try train(3, flags, "three", in: folder)
            let (apart, _) = try train(3, flags.filter { $0 != "--sync-batch-norm" }, "apart", in: folder)
            func loss(_ record: RunRecord) -> Double { record.epochs[0].metrics["loss"] ?? .nan }
            #expect(abs(loss(one) - loss(three)) < 1e-6 * loss(one), "\(loss(one)), \(loss(three))")
            #expect(abs(loss(one) - loss(apart)) > 1e-3 * loss(one), "\(loss(one)), \(loss(apart))")
            // The whole difference, beside that of two trainings.
            func distance(_ other: String) throws -> Double {
                zip(try weights("one", in: folder), try weights(other, in: folder))
                    .reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }.squareRoot()
            }
            #expect(try distance("three") < 0.01 * distance("apart"))
        }
    }

    /// A last batch of two samples for three processes: one takes part without a sample of its own.
    @Test(arguments: SlowTests.arguments([[], ["--sync-batch-norm"], ["--gradient-format", "bfloat16"]], usually: 1))
    func aBatchMayHaveFewerSamplesThanProcesses(_ flags: [String]) throws {
        try inNewFolder { folder in
            let flags = ["--limit", "14", "--batch-size", "6", "--validation-limit", "7", "--epochs", "1"] + flags
            let (three, _) = try train(3, flags, "three", in: folder)
            #expect(three.epochs.count == 1 && three.epochs[0].metrics["val_loss"] != nil && three.test?.images == 7)
        }
    }

    /// The other processes need neither the checkpoint nor a place to write: each has a folder of its own here.
    @Test func onlyTheFirstProcessNeedsTheFiles() throws {
        try inNewFolder { folder in
            for flags in ["--epochs 1", "--epochs 2 --start-epoch 1"] {
                let result = try mpirun(
                    "-n 2 sh -c 'mkdir -p $OMPI_COMM_WORLD_RANK; cd $OMPI_COMM_WORLD_RANK; exec PROGRAM \(flags) "
                        + Self.small.joined(separator: " ") + "'", in: folder)
                #expect(result.status == 0, "\(result.errors)")
            }
            let record = try RunRecord(contentsOf: "\(folder)/0/output/minigooglenet_cifar10.run.json")
            #expect(record.epochs.count == 2)
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/1").isEmpty)
        }
    }

    /// Rounded to eight bits, gradients move the weights almost as those of 32 bits do.
    @Test(.slow) func roundedGradientsAreAlmostTheSame() throws {
        try inNewFolder { folder in
            let flags = ["--limit", "16", "--batch-size", "16", "--validation-limit", "16", "--epochs", "1"]
            try train(2, flags, "whole", in: folder)
            try train(2, flags + ["--gradient-format", "bfloat16"], "rounded", in: folder)
            try train(2, flags + ["--learning-rate", "1e-20"], "before", in: folder)
            let whole = try weights("whole", in: folder)
            func distance(_ other: String) throws -> Double {
                zip(whole, try weights(other, in: folder)).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
                    .squareRoot()
            }
            let (error, move) = (try distance("rounded"), try distance("before"))
            #expect(error > 0 && error < 0.01 * move, "\(error) of \(move)")
        }
    }

    // MARK: - Faults

    /// The environment of a shell that gives each process flags of its own.
    private func mpirun(_ line: String, in folder: String) throws -> (status: Int32, errors: String) {
        let variables = Command.launching.map { "\($0)=\($1)" }.joined(separator: " ")
        let program = "\(Command.folder)/\(Self.program)"
        let status = try Command.shell(
            "\(variables) mpirun " + line.replacingOccurrences(of: "PROGRAM", with: program)
                + " > out.txt 2> errors.txt", in: folder)
        return (status, try String(contentsOfFile: "\(folder)/errors.txt", encoding: .utf8))
    }

    /// Settings and data that differ are named before the first step, by one process.
    @Test(arguments: [
        ("--batch-size 8", "--batch-size 16", "another batch_size than"),
        ("--limit 32", "--limit 48", "another training_images than"), ("--seed 1", "--seed 2", "another seed than"),
        ("", "--sync-batch-norm", "another synchronized_batch_normalization than"),
        ("--backend openblas", "--backend onednn", "another backend"),
    ])
    func processesThatDifferAreNamed(_ first: String, _ second: String, _ words: String) throws {
        try inNewFolder { folder in
            let result = try mpirun(
                "-n 1 PROGRAM --epochs 1 --limit 32 \(first) : -n 1 PROGRAM --epochs 1 --limit 32 \(second)",
                in: folder)
            let lines = result.errors.split(separator: "\n").filter { $0.hasPrefix("error: ") }
            #expect(result.status != 0 && lines.count == 1, "\(result.errors)")
            #expect(lines.first?.contains("process 1 on") == true && lines.first?.contains(words) == true, "\(lines)")
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/output/minigooglenet_cifar10.hdf5"))
        }
    }

    /// A mistake that all make is said once.
    @Test func aCommonErrorIsSaidOnce() throws {
        try inNewFolder { folder in
            for flags in ["--experiment none", "--epochs 0", "--dataset cifar10 --data nowhere"] {
                let result = try mpirun("-n 2 PROGRAM \(flags)", in: folder)
                let lines = result.errors.split(separator: "\n").filter {
                    $0.hasPrefix("error: ") || $0.hasPrefix("Error: ")
                }
                #expect(result.status != 0 && lines.count == 1, "\(flags): \(result.errors)")
            }
        }
    }

    @Test func helpIsSaidOnce() throws {
        try inNewFolder { folder in
            let help = try Command.run(Self.program, ["--help"], processes: 2, in: folder)
            #expect(help.status == 0 && help.output.components(separatedBy: "--sync-batch-norm").count == 2)
        }
    }

    /// A signal that reaches one process stops all, also while they validate. The same command with `--resume` resumes.
    @Test(arguments: ["Epoch 1/2", "validating"])
    func aSignalToOneProcessStopsAll(_ moment: String) throws {
        try inNewFolder { folder in
            let flags = "--limit 48 --batch-size 24 --validation-limit 1200 --epochs 2 --patience 20"
            let interrupt = """
                -n 2 sh -c 'if [ $OMPI_COMM_WORLD_RANK = 1 ]; then \
                ( until grep -q "\(moment)" out.txt; do sleep 0.01; done; kill -INT $$ ) & fi; exec PROGRAM \(flags)'
                """
            let result = try mpirun(interrupt, in: folder)
            let output = try String(contentsOfFile: "\(folder)/out.txt", encoding: .utf8)
            #expect(output.contains("--resume") && !output.contains("evaluating"), "\(result.errors)")
            #expect(!result.errors.contains("error:"), "\(result.errors)")
            let resumed = try mpirun("-n 2 PROGRAM \(flags) --resume", in: folder)
            #expect(resumed.status == 0, "\(resumed.errors)")
            let record = try RunRecord(contentsOf: "\(folder)/output/minigooglenet_cifar10.run.json")
            #expect(record.epochs.count == 2)
        }
    }

    /// Programs that do not train would all do the same.
    @Test func onlyTrainingIsDivided() throws {
        try inNewFolder { folder in
            let result = try Command.run("rank_accuracy", [], processes: 2, in: folder)
            #expect(result.status != 0 && result.errors.contains("run it without mpirun"), "\(result.errors)")
        }
    }

    /// A process that is killed, or that hangs, ends all; the run is resumed and loses nothing.
    @Test(arguments: [SIGKILL, SIGSTOP])
    func aLostProcessEndsAll(_ signal: Int32) throws {
        try inNewFolder { folder in
            let flags = "--limit 480 --batch-size 24 --validation-limit 40 --epochs 2 --patience 3"
            // The second process injures itself once the first epoch has been saved.
            let injure = """
                -n 2 sh -c 'if [ $OMPI_COMM_WORLD_RANK = 1 ]; then \
                ( while [ ! -e output/minigooglenet_cifar10.hdf5 ]; do sleep 0.01; done; sleep 0.2; kill -\(signal) $$ ) & \
                fi; exec PROGRAM \(flags)'
                """
            let begin = Date()
            let result = try mpirun(injure, in: folder)
            #expect(result.status != 0, "\(result.errors)")
            #expect(Date().timeIntervalSince(begin) < 90)
            if signal == SIGSTOP {
                #expect(
                    result.errors.contains(/error: process 0 on .*: process 1 on .* does not answer/),
                    "\(result.errors)")
            } else {
                #expect(result.errors.contains("rank 1"), "\(result.errors)")
            }
            func record(_ output: String) throws -> RunRecord {
                try RunRecord(contentsOf: "\(folder)/\(output)/minigooglenet_cifar10.run.json")
            }
            let begun = try record("output").epochs
            #expect(begun.count == 1)
            if signal == SIGKILL {
                let whole = try mpirun("-n 2 PROGRAM \(flags) --output whole", in: folder)
                let resumed = try mpirun("-n 2 PROGRAM \(flags) --resume", in: folder)
                #expect(whole.status == 0 && resumed.status == 0, "\(resumed.errors)")
                #expect(try record("output").weights == record("whole").weights)
            } else {
                // The number of processes may change: the files are the same.
                let resumed = try mpirun("-n 3 PROGRAM \(flags) --resume", in: folder)
                #expect(resumed.status == 0, "\(resumed.errors)")
                let record = try record("output")
                #expect(record.stages.map { $0.machine.processes?.hosts.count } == [2, 3])
                #expect(record.epochs.count == 2 && record.epochs.first == begun.first)
                let alone = try train(
                    nil, flags.split(separator: " ").map(String.init) + ["--resume"], "output", in: folder)
                #expect(alone.record.epochs == record.epochs && alone.record.weights == record.weights)
            }
        }
    }
}
