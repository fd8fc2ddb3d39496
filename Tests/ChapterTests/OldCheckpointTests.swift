import FixtureSupport
import Foundation
import NeuralNetwork
import ProgramSupport
import Testing

/// Today's programs resume checkpoints of version 0.9, whose settings are in words.
@Suite(.serialized) struct OldCheckpointTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

    /// A program, the arguments of its run, and the place of its model.
    static let runs: [(program: String, arguments: [String], model: String, steps: Int)] = [
        ("Chapter11MiniGoogLeNet", ["--limit", "320", "--epochs", "1"], "minigooglenet_cifar10.hdf5", 8),
        ("Chapter11Train", ["--epochs", "2", "--batch-size", "4"], "checkpoints/last.hdf5", 12),
        ("Chapter11TrainDecay", ["--epochs", "1", "--batch-size", "4"], "googlenet_tinyimagenet_decay.hdf5", 11),
        (
            "InceptionV1CIFAR10", ["--limit", "40", "--validation-limit", "8", "--epochs", "1", "--batch-size", "4"],
            "inception_v1_cifar10.hdf5", 5
        ),
        (
            "TrainImageNet", ["--epochs", "2", "--batch-size", "1", "--learning-rate", "0.0001"],
            "inception_v1_imagenet.hdf5", 6
        ),
    ]

    /// With the flags of that version, and without those that the checkpoint knows. Another momentum or rate is
    /// refused.
    @Test(arguments: SlowTests.arguments(Array(runs.indices), usually: 3)) func aCheckpointIsResumed(index: Int) throws
    {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (program, arguments, name, steps) = Self.runs[index]
        let model = "\(folder)/output/\(name)"
        func place() throws {
            try? FileManager.default.removeItem(atPath: "\(folder)/output")
            try FileManager.default.createDirectory(
                at: URL(fileURLWithPath: model).deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: Fixtures.own("version_0.9/\(program).hdf5"), toPath: model)
        }
        try place()
        let data = try data(for: program)
        #expect(try SavedModel(reading: model).state.step == steps)

        let other = try Command.run(
            program, arguments + data + ["--batch-size", "2", "--learning-rate", "0.5", "--resume"], in: folder)
        #expect(other.isOneClearLine && other.errors.contains("was trained with other settings"), "\(other.errors)")
        #expect(other.errors.contains("optimizer's learning_rate was"), "\(other.errors)")

        let resumed = try Command.run(program, arguments + data + ["--resume"], in: folder)
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(resumed.output.contains("resuming from output/\(name), \(steps) steps"), "\(resumed.output)")
        let saved = try SavedModel(reading: model)
        #expect(saved.state.seed == 3 && saved.state.step == 0 && saved.state.epochs >= 1)
        #expect(saved.state.settings["optimizer"]?["class_name"] != nil)

        try place()
        let limits = arguments.contains("--limit") ? Array(arguments.prefix { $0 != "--epochs" }) : []
        let bare = try Command.run(program, limits + data + ["--resume"], in: folder)
        #expect(bare.status == 0, "\(bare.errors)")
        #expect(try SavedModel(reading: model).state == saved.state)
    }

    /// Builds the drawn data set that the program reads, if it reads one.
    private func data(for program: String) throws -> [String] {
        let built: Command
        switch program {
        case "Chapter11Train", "Chapter11TrainDecay":
            _ = try TinyImageNetTree("\(folder)/tree")
            built = try Command.run(
                "build_tiny_imagenet", ["--data", "\(folder)/tree", "--output", "\(folder)/hdf5"], in: folder)
        case "TrainImageNet":
            let tree = try ImageNetTree("\(folder)/tree")
            built = try Command.run(
                "BuildImageNet", ["--data", tree.folder, "--output", "\(folder)/hdf5"], in: folder)
        default: return []
        }
        #expect(built.status == 0, "\(built.errors)")
        return ["--data", "\(folder)/hdf5"]
    }
}
