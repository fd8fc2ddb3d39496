import FixtureSupport
import Foundation
import HDF5
import Imaging
import NeuralNetwork
import ProgramSupport
import Runs
import Testing

/// The four programs for Tiny ImageNet, run in order on a drawn data set, and their errors.
@Suite(.serialized) struct TinyImageNetTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    private var hdf5: String { "\(folder)/hdf5" }

    private func build(_ more: String...) throws -> Command {
        try Command.run("build_tiny_imagenet", ["--data", "\(folder)/tree", "--output", hdf5] + more)
    }

    @Test func theFourProgramsBuildTrainStopResumeAndRank() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try TinyImageNetTree("\(folder)/tree")
        let built = try build()
        #expect(built.status == 0, "\(built.errors)")
        let trainSet = try HDF5File(reading: "\(hdf5)/train.hdf5")
        #expect(try trainSet.root.dataset("images").shape == [54, 64, 64, 3])
        #expect(try trainSet.root.dataset("label_names").readStrings() == ["n01", "n02", "n03"])
        let labels = try trainSet.root.dataset("labels").read(as: Int.self)
        #expect((0..<3).map { label in labels.count { $0 == label } } == [18, 18, 18])
        #expect(labels != labels.sorted())
        #expect(try HDF5File(reading: "\(hdf5)/val.hdf5").root.dataset("images").shape[0] == 12)
        #expect(try HDF5File(reading: "\(hdf5)/test.hdf5").root.dataset("images").shape[0] == 6)
        let means = try JSON(
            parsing: String(contentsOfFile: "\(hdf5)/tiny-image-net-200-mean.json", encoding: .utf8))
        for key in ["R", "G", "B"] { #expect(abs((means[key]?.number ?? 0) - 90) < 10, "\(key)") }

        // The same data give the same files.
        let before = FileManager.default.contents(atPath: "\(hdf5)/train.hdf5")
        #expect(try build("--overwrite", "--jobs", "1").status == 0)
        #expect(FileManager.default.contents(atPath: "\(hdf5)/train.hdf5") == before)
        let refused = try build()
        #expect(refused.isOneClearLine && refused.errors.contains("allow it with --overwrite"), "\(refused.errors)")

        // Training in one go, and training that is stopped within the second epoch, end with the same weights.
        func train(_ name: String, _ more: String...) -> [String] {
            ["--data", hdf5, "--checkpoints", "\(folder)/\(name)", "--experiment", "book-1", "--batch-size", "8"] + more
        }
        let work = "\(folder)/work"
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        let straight = try Command.run("train", train("straight", "--epochs", "2"), in: work)
        #expect(straight.status == 0, "\(straight.errors)")
        let stopped = try Command.interrupt(
            "train", train("stopped", "--epochs", "2"), after: "Epoch 1/2", in: work)
        #expect(stopped.status == 128 + SIGINT, "\(stopped.errors)")
        let command = try #require(stopped.output.split(separator: "\n").last).split(separator: " ").map(String.init)
        #expect(Array(command.prefix(3)) == ["swift", "run", "Chapter11Train"], "\(stopped.output)")
        let resumed = try Command.run("Chapter11Train", Array(command.dropFirst(3)), in: work)
        #expect(resumed.status == 0, "\(resumed.errors)")
        func weights(_ name: String) throws -> [Float] {
            try Model.load("\(folder)/\(name)/epoch_2.hdf5").weights().flatMap(\.scalars)
        }
        #expect(try weights("straight") == weights("stopped"))

        // With a decay, stopped within the first epoch, with the model in a folder whose name has a space.
        func decay(_ name: String) -> [String] {
            [
                "--data", hdf5, "--model", "\(folder)/a folder/\(name).hdf5",
                "--batch-size", "8", "--epochs", "2", "--learning-rate", "0.004",
            ]
        }
        #expect(try Command.run("train_decay", decay("whole"), in: work).status == 0)
        let wholeHistory = FileManager.default.contents(atPath: "\(work)/output/googlenet_tinyimagenet_decay.json")
        let halted = try Command.interrupt("train_decay", decay("halted"), after: "training on", in: work)
        let line = try #require(halted.output.split(separator: "\n").last).replacing("swift run ", with: "")
        #expect(line.contains("a folder/halted.hdf5'") && line.hasSuffix(" --resume"), "\(halted.output)")
        let programs = Command.folder
        let again = try Command.shell("'\(programs)'/\(line)", in: work)
        #expect(again == 0, "\(line)")
        func decayed(_ name: String) throws -> [Float] {
            try Model.load("\(folder)/a folder/\(name).hdf5").weights().flatMap(\.scalars)
        }
        #expect(try decayed("whole") == decayed("halted"))
        // The epoch's means are the same too, although two runs took its steps.
        let history = FileManager.default.contents(atPath: "\(work)/output/googlenet_tinyimagenet_decay.json")
        #expect(history == wholeHistory)
        // Its record has both stages.
        let decayRecord = try RunRecord(contentsOf: "\(work)/output/googlenet_tinyimagenet_decay.run.json")
        #expect(decayRecord.stages.map(\.reachedEpoch) == [0, 2] && decayRecord.epochs.count == 2)
        #expect(decayRecord.epochs.map { $0.imagesPerSecond == nil } == [true, false])
        // The optimizer has the first rate of the schedule.
        let settings = decayRecord.experiment.settings
        #expect(settings["optimizer"]?["config"]?["learning_rate"] == 0.004)
        #expect(settings["schedule"] == PolynomialDecay(initialLearningRate: 0.004, decaySteps: 2).described)

        // The rate of `fast` changes in every step. An epoch has the rate of its last one.
        let cycle = ["--data", hdf5, "--experiment", "fast", "--batch-size", "8", "--epochs", "2", "--output", "fast"]
        #expect(try Command.run("train_decay", cycle, in: work).status == 0)
        let cycleRecord = try RunRecord(contentsOf: "\(work)/fast/googlenet_tinyimagenet_decay.run.json")
        let steps = (cycleRecord.dataset.trainingImages + 7) / 8
        let rate = WarmupLinearDecay(peak: 0.1, warmup: 2 * steps / 4, duration: 2 * steps)
        let expected = [steps, 2 * steps].map { Double(Float(rate.learningRate(at: $0 - 1))) }
        #expect(cycleRecord.epochs.compactMap { $0.metrics["lr"] }.map { Double(Float($0)) } == expected)

        // The model's result is added to the record of its run, and to no other.
        let recordPath = "\(work)/output/googlenet_tinyimagenet.run.json"
        let ranked = try Command.run(
            "rank_accuracy", ["--data", hdf5, "--model", "\(folder)/stopped/epoch_2.hdf5", "--crops", "10"], in: work)
        let result = try #require(RunRecord(contentsOf: recordPath).test)
        #expect(result.images == 6 && result.metrics["rank5"] == 1)
        #expect(Set(result.metrics.keys) == ["rank1", "rank5", "rank1_ten_crops", "rank5_ten_crops"])
        let recorded = FileManager.default.contents(atPath: recordPath)
        let wholeRanked = try Command.run(
            "rank_accuracy", ["--data", hdf5, "--model", "\(folder)/a folder/whole.hdf5"], in: work)
        #expect(wholeRanked.status == 0 && FileManager.default.contents(atPath: recordPath) == recorded)
        #expect(ranked.status == 0, "\(ranked.errors)")
        for line in ["rank-1: ", "rank-5: 100.00%", "rank-1, ten crops: "] { #expect(ranked.output.contains(line)) }

        // A network of other classes is refused by name.
        #expect(try build("--overwrite", "--classes", "2").status == 0)
        let other = try Command.run(
            "rank_accuracy", ["--data", hdf5, "--model", "\(folder)/straight/epoch_2.hdf5"], in: work)
        #expect(other.isOneClearLine && other.errors.contains("3 classes apart"), "\(other.errors)")
    }

    /// PNG files and pictures without a file extension are read. macOS's files beside them are not, and one line says
    /// what was ignored.
    @Test func picturesOfAnyName() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tree = try TinyImageNetTree("\(folder)/tree", imagesPerClass: 10)
        let n01 = "\(tree.folder)/train/n01/images"
        try Image(contentsOf: "\(n01)/n01_0.jpeg").write(to: "\(n01)/n01_10.png")
        for name in ["._n01_1.jpeg", ".DS_Store", "x.gif"] { try Data([7]).write(to: URL(filePath: "\(n01)/\(name)")) }
        let whole = try Data(contentsOf: URL(filePath: "\(n01)/n01_1.jpeg"))
        try whole.dropLast(2).write(to: URL(filePath: "\(n01)/n01_1.jpeg"))
        let built = try build()
        #expect(built.status == 0, "\(built.errors)")
        #expect(built.output.contains("passed over: 2 hidden, 1 of other kinds (.gif)"), "\(built.output)")
        #expect(built.errors.contains("n01_1.jpeg: the JPEG ends without its end marker"), "\(built.errors)")
        let counts = try ["train", "test"].map {
            try HDF5File(reading: "\(hdf5)/\($0).hdf5").root.dataset("images").shape[0]
        }
        #expect(counts.reduce(0, +) == 31)
    }

    /// The same number of other classes: nothing is trained on them, tested on them, or filed.
    @Test func otherClassesAreRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tree = try TinyImageNetTree("\(folder)/tree", imagesPerClass: 10)
        func build(_ name: String) throws {
            let built = try Command.run(
                "build_tiny_imagenet", ["--data", tree.folder, "--output", "\(folder)/\(name)"])
            #expect(built.status == 0, "\(built.errors)")
        }
        func arguments(_ name: String, _ more: String...) -> [String] {
            ["--data", "\(folder)/\(name)", "--batch-size", "8", "--epochs", "1"] + more
        }
        try build("own")
        #expect(try Command.run("train", arguments("own", "--limit", "8"), in: folder).status == 0)
        let model = "\(folder)/output/checkpoints/epoch_1.hdf5",
            record = "\(folder)/output/googlenet_tinyimagenet.run.json"
        #expect(try Model.load(model).classNames == ["n01", "n02", "n03"])
        let before = FileManager.default.contents(atPath: record)
        // The second of the three gets another name.
        try tree.replace("wnids.txt", with: "n01\nn025\nn03\n")
        let files = FileManager.default
        try files.moveItem(atPath: "\(tree.folder)/train/n02", toPath: "\(tree.folder)/train/n025")
        let annotations = try String(contentsOfFile: "\(tree.folder)/val/val_annotations.txt", encoding: .utf8)
        try tree.replace("val/val_annotations.txt", with: annotations.replacing("n02", with: "n025"))
        try build("other")

        func expectRefusal(
            _ program: String, _ arguments: [String], in place: String? = nil,
            location: SourceLocation = #_sourceLocation
        ) throws {
            let run = try Command.run(program, arguments, in: place ?? folder)
            #expect(
                run.status != 0 && run.isOneClearLine && run.errors.contains("class 1 is \"n02"), "\(run.errors)",
                sourceLocation: location)
            #expect(FileManager.default.contents(atPath: record) == before, sourceLocation: location)
        }
        try expectRefusal("rank_accuracy", ["--data", "\(folder)/other", "--model", model])
        // There is no record of the model.
        let elsewhere = "\(folder)/elsewhere"
        try files.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
        let next = arguments("other", "--epochs", "2", "--model", model, "--start-epoch", "1")
        try expectRefusal("train", next, in: elsewhere)
        for file in ["val.hdf5", "tiny-image-net-200-mean.json", "test.hdf5"] {
            let mixed = "\(folder)/mixed-\(file)"
            try files.copyItem(atPath: "\(folder)/own", toPath: mixed)
            try files.removeItem(atPath: "\(mixed)/\(file)")
            try files.copyItem(atPath: "\(folder)/other/\(file)", toPath: "\(mixed)/\(file)")
            if file != "test.hdf5" {
                for program in ["train", "train_decay"] { try expectRefusal(program, arguments("mixed-\(file)")) }
            }
            if file != "val.hdf5" { try expectRefusal("rank_accuracy", ["--data", mixed, "--model", model]) }
        }
    }

    /// Ctrl+C while the data set is built leaves neither the file nor an unfinished one.
    @Test func anInterruptedBuildLeavesNothing() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tree = try TinyImageNetTree("\(folder)/tree", imagesPerClass: 10)
        // Four thousand names for ten images take long enough to interrupt, and little time to make.
        for number in 10..<4000 {
            try FileManager.default.linkItem(
                atPath: "\(tree.folder)/train/n01/images/n01_\(number % 10).jpeg",
                toPath: "\(tree.folder)/train/n01/images/n01_\(number).jpeg")
        }
        let run = try Command.interrupt(
            "build_tiny_imagenet", ["--data", tree.folder, "--output", hdf5, "--jobs", "1"], after: "building",
            in: folder)
        #expect(run.status != 0)
        #expect(!FileManager.default.fileExists(atPath: hdf5))
    }

    @Test func mistakesInTheDataAreNamed() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tree = try TinyImageNetTree("\(folder)/tree", imagesPerClass: 10)
        func expectMessage(_ message: String, _ more: String...) throws {
            let run = try Command.run(
                "build_tiny_imagenet", ["--data", tree.folder, "--output", hdf5] + more)
            #expect(run.status != 0 && run.isOneClearLine && run.errors.contains(message), "\(message): \(run.errors)")
            let left = (try? FileManager.default.contentsOfDirectory(atPath: hdf5)) ?? []
            #expect(left.isEmpty, "\(left)")
        }
        let files = FileManager.default
        try expectMessage("has 3 classes, not 4; --classes must be from 1 to 3", "--classes", "4")

        let victim = "\(tree.folder)/train/n02/images/n02_3.jpeg"
        let whole = try #require(files.contents(atPath: victim))
        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: victim))
        try expectMessage("n02_3.jpeg")
        try Data().write(to: URL(fileURLWithPath: victim))
        try expectMessage("n02_3.jpeg")
        let skipping = try build("--skip-unreadable")
        #expect(
            skipping.status == 0 && skipping.output.contains("1 image could not be decoded and was left out"),
            "\(skipping.errors)")
        try files.removeItem(atPath: hdf5)
        try whole.write(to: URL(fileURLWithPath: victim))

        try tree.replace("val/val_annotations.txt", with: "val_0_0.jpeg\tn99\t0\t0\t1\t1\n")
        try expectMessage("n99")
        try tree.replace("val/val_annotations.txt", with: "../../wnids.txt\tn01\n")
        try expectMessage("not the name of a file")
        try tree.replace("val/val_annotations.txt", with: "val_9.jpeg n01\n")
        try expectMessage("line 1")
        try files.moveItem(atPath: "\(tree.folder)/train/n03", toPath: "\(tree.folder)/n03")
        try expectMessage("train/n03/images does not exist")
        let none = try Command.run("build_tiny_imagenet", ["--data", folder, "--output", hdf5])
        #expect(none.isOneClearLine && none.errors.contains("not the unpacked tiny-imagenet-200"), "\(none.errors)")
    }

    static let mistakes: [(program: String, arguments: [String], message: String)] = [
        ("train", [], "tiny-image-net-200-mean.json"),
        ("train", ["--experiment", "book-9"], "book-1, book-2"),
        ("train", ["--start-epoch", "3"], "--model"),
        ("train", ["--resume", "--model", "x.hdf5"], "leave --model out"),
        ("train", ["--epochs", "0"], "--epochs"),
        ("train_decay", ["--start-epoch", "75"], "--start-epoch must be below"),
        ("train_decay", ["--learning-rate", "0"], "--learning-rate"),
        ("train_decay", ["--model", "/"], "folder"),
        ("train_decay", ["--model", "/dev/null"], "cannot write /dev/null: it is not a regular file"),
        ("train_decay", ["--model", "output/googlenet_tinyimagenet_decay.svg"], "would be written twice"),
        ("rank_accuracy", [], "there is no model"),
        ("rank_accuracy", ["--crops", "3"], "--crops"),
        ("rank_accuracy", ["--model", "/nowhere.hdf5"], "/nowhere.hdf5"),
        ("rank_accuracy", ["--model", "/two\nlines.hdf5"], "/two lines.hdf5: no such file"),
        ("build_tiny_imagenet", ["--jobs", "0"], "--jobs"),
        ("build_tiny_imagenet", ["--dtype", "int3"], "dtype"),
    ]

    @Test(arguments: mistakes)
    func aMistakeIsOneClearLine(program: String, arguments: [String], message: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = try Command.run(program, arguments, in: folder)
        #expect(run.status != 0)
        #expect(run.isOneClearLine && run.errors.contains(message), "\(run.errors)")
    }

    /// Files that are cut in half, or means without a channel.
    @Test func brokenFilesAreNamed() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try TinyImageNetTree("\(folder)/tree", imagesPerClass: 10)
        #expect(try build().status == 0)
        func run() throws -> Command {
            try Command.run("train_decay", ["--data", hdf5, "--epochs", "1"], in: folder)
        }
        let means = "\(hdf5)/tiny-image-net-200-mean.json"
        let whole = try #require(FileManager.default.contents(atPath: means))
        try Data("{\"R\": 1, \"G\": 2}".utf8).write(to: URL(fileURLWithPath: means))
        var failed = try run()
        #expect(failed.isOneClearLine && failed.errors.contains("has no \"B\""), "\(failed.errors)")
        try whole.write(to: URL(fileURLWithPath: means))
        let path = "\(hdf5)/val.hdf5"
        let data = try #require(FileManager.default.contents(atPath: path))
        try data.prefix(data.count / 2).write(to: URL(fileURLWithPath: path))
        failed = try run()
        #expect(failed.isOneClearLine && failed.errors.contains("val.hdf5"), "\(failed.errors)")
    }
}
