import FixtureSupport
import Foundation
import NeuralNetwork
import ProgramSupport
import System
import Testing

/// Full disks, folders that turn read-only, too few file descriptors: the run ends with the reason in one line, and
/// earlier files stay intact.
///
/// Mounting a small disk needs a right; without it, these tests are skipped.
@Suite(.serialized, .enabled(if: SmallDisk.isPossible, "needs the right to mount a file system"))
struct DiskTests {
    private let model = "output/googlenet_tinyimagenet_decay.hdf5"

    /// Trains an epoch on a small disk, fills it except for this many bytes, and resumes.
    private func resumed(
        leaving free: Int, in training: Training, _ check: (_ folder: String, Command) throws -> Void
    ) throws {
        let disk = try SmallDisk("\(training.folder)/disk", megabytes: 200)
        defer { disk.remove() }
        #expect(try Command.run("train_decay", training.decay("--epochs", "1"), in: disk.folder).status == 0)
        try disk.fill(leaving: free)
        let before = contents("\(disk.folder)/\(model)")
        let run = try Command.run(
            "train_decay", training.decay("--epochs", "2", "--start-epoch", "1"), in: disk.folder)
        #expect(run.status != 0 && run.isOneClearLine, "\(run.errors)")
        #expect(run.errors.contains("No space left on device"), "\(run.errors)")
        #expect((contents("\(disk.folder)/\(model)") == before) as Bool)
        #expect(!names(in: disk.folder).contains { $0.hasSuffix(".tmp") }, "\(names(in: disk.folder))")
        try check(disk.folder, run)
        // Once there is space, it resumes.
        try disk.empty()
        let again = try Command.run(
            "train_decay", training.decay("--epochs", "2", "--start-epoch", "1"), in: disk.folder)
        #expect(again.status == 0, "\(again.errors)")
    }

    @Test func aFullDiskAtTheCheckpointLosesNothing() throws {
        let training = try Training()
        defer { training.remove() }
        try resumed(leaving: 1 << 20, in: training) { _, run in
            #expect(run.errors.contains(model), "\(run.errors)")
        }
    }

    @Test func aFullDiskAtTheHistoryLosesNothing() throws {
        let training = try Training()
        defer { training.remove() }
        try resumed(leaving: 0, in: training) { folder, run in
            let history = contents("\(folder)/output/googlenet_tinyimagenet_decay.json")
            #expect(history.last == UInt8(ascii: "}"))
        }
    }

    /// The history fits, the plot does not: a plot does not stop training.
    @Test func aFullDiskAtThePlotDoesNotStopTraining() throws {
        let training = try Training()
        defer { training.remove() }
        let disk = try SmallDisk("\(training.folder)/disk", megabytes: 8)
        defer { disk.remove() }
        let elsewhere = ["--output", "\(disk.folder)/output", "--model", "\(training.folder)/model.hdf5"]
        #expect(try Command.run("train_decay", training.decay("--epochs", "1") + elsewhere).status == 0)
        let plot = "\(disk.folder)/output/googlenet_tinyimagenet_decay.png"
        let before = contents(plot)
        try disk.fill(leaving: 16 << 10)
        let further = try Command.run(
            "train_decay", training.decay("--start-epoch", "1", "--epochs", "2") + elsewhere)
        #expect(further.status == 0, "\(further.errors)")
        #expect(further.errors.contains("[WARNING] no plot: ") && further.errors.contains("No space left on device"))
        #expect(contents(plot) == before && !before.isEmpty)
        #expect(try Model.load("\(training.folder)/model.hdf5").state.epochs == 2)
    }

    @Test func aDiskTooSmallForABuildIsReported() throws {
        let training = try Training()
        defer { training.remove() }
        let disk = try SmallDisk("\(training.folder)/disk", megabytes: 8)
        defer { disk.remove() }
        let arguments = ["--data", "\(training.folder)/tree", "--output", "\(disk.folder)/hdf5"]
        #expect(try Command.run("build_tiny_imagenet", arguments).status == 0)
        let before = names(in: disk.folder).map { contents("\(disk.folder)/\($0)") }
        try disk.fill(leaving: 100_000)
        let run = try Command.run("build_tiny_imagenet", arguments + ["--overwrite", "--dtype", "float64"])
        #expect(run.status != 0 && run.isOneClearLine && run.errors.contains("No space left"), "\(run.errors)")
        try disk.empty()
        #expect(names(in: disk.folder).map { contents("\(disk.folder)/\($0)") } == before)
    }

    /// The disk turns read-only after the first epoch.
    @Test func aFolderThatTurnsReadOnlyLosesNothing() throws {
        let training = try Training()
        defer { training.remove() }
        let disk = try SmallDisk("\(training.folder)/disk", megabytes: 200)
        defer { disk.remove() }
        let log = "\(training.folder)/log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        let process = try Command.started(
            "train_decay", training.decay("--epochs", "1000"), in: disk.folder,
            errors: FileHandle(forWritingAtPath: log))
        while process.isRunning, contents("\(disk.folder)/\(model)").isEmpty { usleep(10_000) }
        #expect(try disk.makeReadOnly())
        // Its next file ends it.
        for _ in 0..<6000 where process.isRunning { usleep(10_000) }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let errors = String(decoding: contents(log), as: UTF8.self)
        #expect(process.terminationStatus != 0)
        #expect(errors.contains("error: cannot write output/googlenet_tinyimagenet_decay."), "\(errors)")
        #expect(errors.contains("Read-only file system"), "\(errors)")
        let whole = try Command.run(
            "rank_accuracy", ["--data", "\(training.folder)/hdf5", "--model", model], in: disk.folder)
        #expect(whole.output.contains("rank-1"), "\(whole.errors)")
    }
}

/// Limits that need no rights.
@Suite(.serialized) struct LimitTests {
    /// The error comes at once, not in the middle of the work.
    @Test(arguments: [4, 8, 16, 63])
    func tooFewFileDescriptorsAreReported(limit: Int) throws {
        let training = try Training()
        defer { training.remove() }
        let folder = try training.make("run")
        let line = training.decay("--epochs", "1").joined(separator: " ")
        func run(_ limit: String) throws -> (status: Int32, errors: String) {
            let program = "exec > out 2> errors; ulimit \(limit); exec '\(Command.folder)'/train_decay \(line)"
            let status = try Command.shell(program, in: folder)
            return (status, String(decoding: contents("\(folder)/errors"), as: UTF8.self))
        }
        let refused = try run("-n \(limit)")
        #expect(refused.status == 1)
        #expect(refused.errors == "error: only \(limit) files may be open at once; allow more: ulimit -n 64\n")
        // It raises the limit if it may.
        #expect(try run("-S -n \(limit)") == (0, ""))
    }

    /// No file may grow beyond half a checkpoint: the run ends with an error, not by the system's signal.
    @Test func aFileSizeLimit() throws {
        let training = try Training()
        defer { training.remove() }
        let folder = try training.make("run")
        let line = training.decay("--epochs", "1").joined(separator: " ")
        let status = try Command.shell(
            "exec > out 2> errors; ulimit -f 1000; exec '\(Command.folder)'/train_decay \(line)", in: folder)
        let errors = String(decoding: contents("\(folder)/errors"), as: UTF8.self)
        #expect(status != 0 && errors.contains("error: cannot write"), "\(status): \(errors)")
    }
}

/// A file system in memory, of a few megabytes.
struct SmallDisk {
    let folder: String

    static let isPossible = (try? SmallDisk(NSTemporaryDirectory() + UUID().uuidString, megabytes: 1))?.remove() != nil

    struct NotMounted: Error {}

    init(_ folder: String, megabytes: Int) throws {
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        guard try Command.shell("mount -t tmpfs -o size=\(megabytes)m tmpfs '\(folder)'", in: "/") == 0 else {
            throw NotMounted()
        }
    }

    /// Fills it except for this many bytes.
    func fill(leaving free: Int) throws {
        _ = try Command.shell("dd if=/dev/zero of=filling bs=64k; truncate -s -\(free) filling", in: folder)
    }

    func empty() throws { try FileManager.default.removeItem(atPath: "\(folder)/filling") }

    /// - Returns: whether it is read-only. While a file is open for writing, the system refuses.
    func makeReadOnly() throws -> Bool {
        for _ in 0..<1000 {
            if try Command.shell("mount -o remount,ro '\(folder)'", in: "/") == 0 { return true }
            usleep(1_000)
        }
        return false
    }

    func remove() {
        _ = try? Command.shell("umount -l '\(folder)'; rmdir '\(folder)'", in: "/")
    }
}
