import FixtureSupport
import Foundation
import HDF5
import Imaging
import NeuralNetwork
import ProgramSupport
import Testing

/// Malicious command lines and data sets: every program answers with one line and a status that is not 0.
@Suite(.serialized) struct HostileInputTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

    private static let programs = HelpTests.programs + ["Report"]

    /// Numbers that overflow or make no sense. No program may begin to work with them.
    private static let refused: [[String]] = [
        ["--epochs", "9223372036854775807"], ["--epochs", "9223372036854775808"], ["--epochs", "-1"],
        ["--epochs", ""], ["--epochs", "1e3"], ["--batch-size", "65537"], ["--batch-size", "-9223372036854775808"],
        ["--learning-rate", "nan"], ["--learning-rate", "inf"], ["--learning-rate", "1e-400"],
        ["--learning-rate", "-0"], ["--learning-rate", "1e309"], ["--seed", "-1"], ["--seed", "18446744073709551616"],
        ["--limit", "-9223372036854775808"], ["--limit", "9223372036854775808"], ["--start-epoch", "-1"],
        ["--start-epoch", "9223372036854775807"], ["--threads", "1025"], ["--threads", "9223372036854775807"],
        ["--crops", "9223372036854775807"], ["--jobs", "9223372036854775807"], ["--classes", "-1"],
        ["--classes", "9223372036854775807"], ["--steps", "9223372036854775807"], ["--dataset", ""],
        ["--experiment", ""], ["--model", ""], ["--data", ""], ["--output", ""], ["--checkpoints", ""], ["--hdf5", ""],
        ["--resume", ""], ["--record", ""], ["--ground-truth", ""], ["--model"], ["--", "--epochs"], ["-"],
        ["\u{FFFD}"],
    ]

    @Test(arguments: programs)
    func extremeValuesOfFlagsAreRefused(program: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // A flag that a program does not have is refused as unknown, whatever its value: `anUnknownFlagIsOneClearLine`.
        let help = try Command.run(program, ["--help"]).output
        try #require(help.contains("--help"))
        let known = Self.refused.filter { !$0[0].hasPrefix("--") || $0[0].count < 3 || help.contains("\($0[0]) ") }
        for arguments in known + [["--\u{1B}[31m"], ["--unknown=\u{0301}"]] {
            let run = try Command.run(program, arguments, in: folder)
            #expect(run.status != 0 && run.isOneClearLine, "\(arguments): \(run.status) \(run.errors)")
            #expect(!run.errors.contains("\u{1B}"))
        }
        let left = try FileManager.default.subpathsOfDirectory(atPath: folder)
        #expect(left.allSatisfy { !$0.contains(".") }, "\(left)")
    }

    /// Paths that are too long, have a line break, or name a device.
    @Test(arguments: [
        String(repeating: "a", count: 100_000), String(repeating: "a/", count: 5_000) + "b", "/dev/full/x",
        "a\nb/\u{7}",
    ])
    func odd(path: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for arguments in [
            ["--output", path + "/x", "--limit", "1", "--data", path], ["--model", path, "--data", path],
        ] {
            let run = try Command.run("Chapter11MiniGoogLeNet", arguments, in: folder)
            #expect(
                run.status != 0 && run.isOneClearLine, "\(arguments.map { $0.prefix(20) }): \(run.errors.prefix(200))")
        }
        for (program, flag) in [
            ("Chapter11RankAccuracy", "--model"), ("Chapter12RankAccuracy", "--model"), ("ImageNetAccuracy", "--model"),
            ("Chapter11Train", "--data"), ("Chapter12Train", "--data"), ("Chapter12ResNetCIFAR10", "--data"),
            ("Chapter12ResNetCIFAR10Decay", "--data"),
            ("Chapter11BuildTinyImageNet", "--data"), ("BuildImageNet", "--data"),
        ] {
            let run = try Command.run(program, [flag, path], in: folder)
            #expect(run.status != 0 && run.isOneClearLine, "\(program): \(run.errors.prefix(200))")
        }
    }

    /// A learning rate that makes the first step overflow.
    @Test func learningRatesThatOverflowAreOneClearLine() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let arguments = ["--output", "\(folder)/o", "--model", "\(folder)/o/m.hdf5"]
        let fast = try Command.run(
            "Chapter11MiniGoogLeNet",
            arguments + ["--limit", "9", "--batch-size", "4", "--learning-rate", "1e308", "--epochs", "1"])
        #expect(fast.status != 0 && fast.isOneClearLine && fast.errors.contains("a smaller one may help"))
    }

    // MARK: - Data sets

    /// A data set for the programs of Tiny ImageNet, or of ImageNet, with images of any shape and any labels.
    private func makeDataset(
        _ shape: [Int], labels: [Int], labelShape: [Int]? = nil, names: [String]? = ["a", "b"]
    ) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in ["train", "val", "test"] {
            let file = try HDF5File(creating: "\(folder)/\(name).hdf5")
            try file.root.createDataset("images", shape: shape, type: .uint8)
                .write([UInt8](repeating: 1, count: shape.reduce(1, *)))
            try file.root.createDataset("labels", shape: labelShape ?? [labels.count], type: .int64).write(labels)
            if let names { try file.root.createStrings("label_names", names) }
            try file.close()
        }
        for name in ["tiny-image-net-200-mean", "imagenet-mean"] {
            try Data("{\"R\": 1, \"G\": 1, \"B\": 1}".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name).json"))
        }
    }

    private static let datasets: [(shape: [Int], labels: [Int], names: [String]?, message: String)] = [
        ([0, 64, 64, 3], [], ["a", "b"], "has the shape [0, 64, 64, 3]"),
        ([2, 0, 64, 3], [0, 1], ["a", "b"], "has the shape [2, 0, 64, 3]"),
        ([2, 64, 64, 0], [0, 1], ["a", "b"], "has the shape [2, 64, 64, 0]"),
        ([2, 64, 64], [0, 1], ["a", "b"], "has the shape [2, 64, 64]"),
        ([2, 64, 64, 3, 1], [0, 1], ["a", "b"], "has the shape [2, 64, 64, 3, 1]"),
        ([2, 300, 300, 1], [0, 1], ["a", "b"], "does not have 3 channels"),
        ([2, 300, 300, 4], [0, 1], ["a", "b"], "does not have 3 channels"),
        ([2, 64, 64, 3], [0], ["a", "b"], "has 2 images, but labels of shape [1]"),
        ([2, 64, 64, 3], [0, 2], ["a", "b"], "has the label 2, but labels of 2 classes go from 0 to 1"),
        ([2, 64, 64, 3], [-1, 0], ["a", "b"], "has the label -1"),
        ([2, 64, 64, 3], [.max, 0], ["a", "b"], "has the label 9223372036854775807"),
        ([2, 64, 64, 3], [.max, 0], nil, "ask for 100001 classes"),
        ([2, 64, 64, 3], [.min, .min], nil, "has the label -9223372036854775808"),
        ([2, 64, 64, 3], [1_000_000_000, 0], nil, "ask for 100001 classes"),
        ([2, 64, 64, 3], [0, 0], [], "ask for 0 classes"),
    ]

    @Test(arguments: datasets.indices)
    func dataSetsOfOddShapesAreRefused(index: Int) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (shape, labels, names, message) = Self.datasets[index]
        try makeDataset(shape, labels: labels, names: names)
        let model = Fixtures.own("keras_models/minigooglenet_half_sgd.hdf5")
        for (program, arguments) in [
            ("Chapter11Train", []), ("Chapter11TrainDecay", []), ("Chapter11RankAccuracy", ["--model", model]),
            ("Chapter12Train", []), ("Chapter12TrainDecay", []), ("Chapter12RankAccuracy", ["--model", model]),
            ("TrainImageNet", []),
        ] {
            let run = try Command.run(program, arguments + ["--data", folder], in: folder)
            #expect(
                run.status != 0 && run.isOneClearLine && run.errors.contains(message),
                "\(program) \(shape): \(run.errors)")
        }
    }

    /// The validation images are too small for the network. The error comes before training, not after the first epoch.
    @Test func anUnusableValidationSetIsReportedBeforeTraining() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeDataset([2, 100, 300, 3], labels: [0, 1])
        let run = try Command.run("TrainImageNet", ["--data", folder], in: folder)
        #expect(
            run.isOneClearLine && run.errors.contains("val.hdf5: 224x224 pixels cannot be cut out"), "\(run.errors)")
        #expect(!run.output.contains("training on"))
    }

    /// A model whose output is an image, or one with another number of classes.
    @Test func modelsThatGiveNoProbabilitiesAreRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeDataset([2, 64, 64, 3], labels: [0, 1])
        let input = Input(shape: [64, 64, 3])
        let image = Conv2D(2, kernelSize: (3, 3), name: "output")(input)
        try Model(inputs: input, outputs: image).on(.any).save("\(folder)/image.hdf5")
        for program in ["Chapter11RankAccuracy", "Chapter12RankAccuracy"] {
            let ranked = try Command.run(
                program, ["--data", folder, "--model", "\(folder)/image.hdf5"], in: folder)
            #expect(ranked.isOneClearLine && ranked.errors.contains("not a list of probabilities"), "\(ranked.errors)")
        }
        let tested = try Command.run(
            "ImageNetAccuracy", ["--data", folder, "--hdf5", folder, "--model", "\(folder)/image.hdf5"], in: folder)
        #expect(tested.isOneClearLine && tested.errors.contains("not a list of probabilities"), "\(tested.errors)")
    }
}
