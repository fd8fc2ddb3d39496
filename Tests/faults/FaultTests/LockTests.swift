import Foundation
import ProgramSupport
import System
import Testing

@Suite(.serialized) struct LockTests {
    /// The second run names the process that holds the folder, and changes nothing. Once the first has ended, however
    /// it ended, the next one may begin.
    @Test func theSecondRunInAFolderStops() throws {
        let training = try Training()
        defer { training.remove() }
        let folder = try training.make("run")
        let first = try Command.started("train_decay", training.decay("--epochs", "1000"), in: folder)
        while first.isRunning, !names(in: folder).contains("output/googlenet_tinyimagenet_decay.hdf5") {
            usleep(10_000)
        }
        for program in ["train_decay", "train"] {
            let second = try Command.run(program, training.arguments(program), in: folder)
            #expect(second.status != 0 && second.isOneClearLine, "\(second.errors)")
            #expect(
                second.errors.contains("output is in use: process \(first.processIdentifier) (train_decay)"),
                "\(second.errors)")
        }
        // The same model file in another folder.
        let model = "output/googlenet_tinyimagenet_decay.hdf5"
        let other = try Command.run(
            "train_decay", training.decay("--output", "other", "--model", model), in: folder)
        #expect(other.errors.contains("googlenet_tinyimagenet_decay.hdf5 is in use"), "\(other.errors)")
        #expect(first.isRunning)
        kill(first.processIdentifier, SIGKILL)
        first.waitUntilExit()
        let next = try Command.run("train_decay", training.decay("--epochs", "1", "--overwrite"), in: folder)
        #expect(next.status == 0, "\(next.errors)")
        #expect(!names(in: folder).contains { $0.hasSuffix(".lock") || $0.hasSuffix(".tmp") }, "\(names(in: folder))")
    }

    /// Unfinished files of processes that have ended are deleted. Those of running processes, and other names, stay.
    @Test func unfinishedFilesOfAProcessAreRemoved() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let ended = Process()
        ended.executableURL = URL(fileURLWithPath: "/bin/true")
        try ended.run()
        ended.waitUntilExit()
        let own = ProcessInfo.processInfo.processIdentifier
        let stays = [
            "m.hdf5", "m.hdf5.\(own).tmp", "m.hdf5.x.tmp", "m.hdf5..tmp", "\(ended.processIdentifier).tmp",
            "m.\(ended.processIdentifier).temp",
        ]
        // A model may have any name.
        let goes = [
            ".hidden", "epoch_5.hdf5", "m.h5", "m.json", "m.keras", "m.run.json", "m_previous.hdf5", "model", "ä b",
        ]
        .map { "\($0).\(ended.processIdentifier).tmp" }
        for name in stays + goes {
            #expect(FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: Data()))
        }
        #expect(WholeFile.removeAbandoned(in: folder) == goes)
        #expect(names(in: folder) == stays.sorted())
    }
}
