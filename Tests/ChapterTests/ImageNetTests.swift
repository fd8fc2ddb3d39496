import FixtureSupport
import Foundation
import HDF5
import Imaging
import NeuralNetwork
import ProgramSupport
import Runs
import Testing

/// The three programs for ImageNet, run in order on a drawn data set, and their errors.
@Suite(.serialized) struct ImageNetTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    private var hdf5: String { "\(folder)/hdf5" }

    private func build(_ more: String...) throws -> Command {
        try Command.run("BuildImageNet", ["--data", "\(folder)/tree", "--output", hdf5] + more)
    }

    private func trainArguments(_ name: String, _ more: String...) -> [String] {
        [
            "--data", hdf5, "--model", "\(folder)/\(name)/m.hdf5", "--output", "\(folder)/\(name)", "--batch-size", "3",
            "--learning-rate", "0.001", "--threads", "2",
        ] + more
    }

    private func weights(_ name: String) throws -> [Float] {
        try Model.load("\(folder)/\(name)/m.hdf5").weights().flatMap(\.scalars)
    }

    private func expectMistake(
        _ program: String, _ arguments: [String], _ message: String, location: SourceLocation = #_sourceLocation
    ) throws {
        let run = try Command.run(program, arguments, in: folder)
        #expect(
            run.status != 0 && run.isOneClearLine && run.errors.contains(message), "\(message): \(run.errors)",
            sourceLocation: location)
    }

    @Test func imagesOfAnySizeBecomeSquaresInRandomOrder() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tree = try ImageNetTree("\(folder)/tree")
        // Two tiny images, which are scaled up like any other.
        try ImageNetTree.write(height: 1, width: 1, label: 0, to: "\(tree.folder)/train/n01/n01_1x1.JPEG")
        try ImageNetTree.write(height: 3, width: 5000, label: 1, to: "\(tree.folder)/train/n02/n02_5000x3.JPEG")
        let built = try build("--seed", "7")
        #expect(built.status == 0, "\(built.errors)")
        let train = try HDF5File(reading: "\(hdf5)/train.hdf5").root
        #expect(try train.dataset("images").shape == [14, 256, 256, 3])
        #expect(try train.dataset("label_names").readStrings() == ImageNetTree.identifiers)
        let labels = try train.dataset("labels").read(as: Int.self)
        #expect((0..<3).map { label in labels.count { $0 == label } } == [5, 5, 4])
        #expect(labels != labels.sorted())
        // An image is bright in the color of its label, also at its ends.
        let pixels = try train.dataset("images").read(as: Int.self, rows: 0..<14)
        for (row, label) in labels.enumerated() {
            for corner in [0, 255, 255 * 256, 256 * 256 - 1] {
                let pixel = pixels[(row * 256 * 256 + corner) * 3..<(row * 256 * 256 + corner) * 3 + 3]
                #expect(pixel.firstIndex(of: pixel.max() ?? 0) == pixel.startIndex + label)
            }
        }
        let validation = try HDF5File(reading: "\(hdf5)/val.hdf5").root
        #expect(try validation.dataset("labels").read(as: Int.self).sorted() == [0, 1, 2])
        let means = try JSON(parsing: String(contentsOfFile: "\(hdf5)/imagenet-mean.json", encoding: .utf8))
        for (channel, key) in ["R", "G", "B"].enumerated() {
            let values = stride(from: channel, to: pixels.count, by: 3).map { Double(pixels[$0]) }
            #expect(abs((means[key]?.number ?? 0) - values.reduce(0, +) / Double(values.count)) < 1e-6, "\(key)")
        }

        // The same data give the same files with any number of threads. Classes by number are the same classes.
        func contents() -> [Data?] {
            ["train", "val"].map { FileManager.default.contents(atPath: "\(hdf5)/\($0).hdf5") }
        }
        let before = contents()
        try expectMistake("BuildImageNet", ["--data", tree.folder, "--output", hdf5], "already exists")
        try tree.writeGroundTruth(ImageNetTree.validationLabels.map { "\($0 + 1)" })
        let uncounted = ["--data", tree.folder, "--output", hdf5, "--overwrite"]
        try expectMistake("BuildImageNet", uncounted, "has numbers, but no wnids.txt")
        #expect(try build("--seed", "7", "--overwrite", "--jobs", "1", "--sorted-labels").status == 0)
        #expect((contents() == before) as Bool)
        // Numbers count in the order of `wnids.txt`, if there is one.
        try "n03\nn01\nn02\n".write(toFile: "\(tree.folder)/wnids.txt", atomically: true, encoding: .utf8)
        try tree.writeGroundTruth(["1", "2", "3"])
        #expect(try build("--seed", "7", "--overwrite", "--jobs", "3").status == 0)
        #expect((contents() == before) as Bool)
        // A list elsewhere, with `wnids.txt` beside it, which has priority over the tree's own.
        try FileManager.default.createDirectory(atPath: "\(folder)/kit", withIntermediateDirectories: true)
        try "n03\nn01\nn02\n".write(toFile: "\(folder)/kit/wnids.txt", atomically: true, encoding: .utf8)
        try "n01\nn02\nn03\n".write(toFile: "\(tree.folder)/wnids.txt", atomically: true, encoding: .utf8)
        try "1\n2\n3\n".write(toFile: "\(folder)/kit/list.txt", atomically: true, encoding: .utf8)
        let elsewhere = try build("--seed", "7", "--overwrite", "--ground-truth", "\(folder)/kit/list.txt")
        #expect(elsewhere.output.contains("numbers count \(folder)/kit/wnids.txt"), "\(elsewhere.errors)")
        #expect((contents() == before) as Bool)
        try tree.writeGroundTruth(["3", "1", "2"])
        // Folders with numbers as names are found by name.
        let numbered = "\(folder)/numbered"
        try FileManager.default.copyItem(atPath: tree.folder, toPath: numbered)
        try FileManager.default.removeItem(atPath: "\(numbered)/wnids.txt")
        for (old, new) in [("n01", "10"), ("n02", "2"), ("n03", "3")] {
            try FileManager.default.moveItem(atPath: "\(numbered)/train/\(old)", toPath: "\(numbered)/train/\(new)")
        }
        let list = "\(numbered)/ILSVRC2012_validation_ground_truth.txt"
        try "3\n10\n2\n".write(toFile: list, atomically: true, encoding: .utf8)
        let byName = ["--data", numbered, "--output", "\(folder)/numbered5", "--seed", "7"]
        #expect(try Command.run("BuildImageNet", byName).status == 0)
        let named = try HDF5File(reading: "\(folder)/numbered5/val.hdf5").root.dataset("labels").read(as: Int.self)
        #expect(named == (try HDF5File(reading: "\(hdf5)/val.hdf5").root.dataset("labels").read(as: Int.self)))
        try "3\n1\n2\n".write(toFile: list, atomically: true, encoding: .utf8)
        try expectMistake("BuildImageNet", byName + ["--overwrite"], "which is meant is unclear")
        // Fewer classes.
        #expect(try build("--overwrite", "--classes", "2").status == 0)
        #expect(try HDF5File(reading: "\(hdf5)/train.hdf5").root.dataset("images").shape[0] == 10)
        #expect(
            try HDF5File(reading: "\(hdf5)/val.hdf5").root.dataset("labels").read(as: Int.self).sorted() == [0, 1])
    }

    /// The same files, with the validation pictures in folders by class, as many people prepare them. Other files among
    /// the pictures are counted.
    @Test func picturesAreFoundUnderAnyNameInAnyLayout() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tree = try ImageNetTree("\(folder)/tree", imagesPerClass: 2)
        #expect(try build().output.contains("passed over") == false)
        let before = FileManager.default.contents(atPath: "\(hdf5)/val.hdf5")
        let files = FileManager.default
        for (number, label) in ImageNetTree.validationLabels.enumerated() {
            let file = tree.validationFile(number), place = "\(tree.folder)/val/\(ImageNetTree.identifiers[label])"
            try files.createDirectory(atPath: place, withIntermediateDirectories: true)
            try files.moveItem(atPath: file, toPath: "\(place)/\((file as NSString).lastPathComponent)")
        }
        try files.removeItem(atPath: "\(tree.folder)/ILSVRC2012_validation_ground_truth.txt")
        let n01 = "\(tree.folder)/train/n01"
        try Image(contentsOf: "\(n01)/n01_0.JPEG").write(to: "\(n01)/n01_0.png")
        for name in ["._n01_0.JPEG", ".DS_Store", "notes.txt"] {
            try Data([7]).write(to: URL(filePath: "\(n01)/\(name)"))
        }
        let built = try build("--overwrite")
        #expect(built.status == 0, "\(built.errors)")
        #expect(built.output.contains("the validation images lie in the folders of their classes"))
        #expect(built.output.contains("passed over: 2 hidden, 1 of other kinds (.txt)"), "\(built.output)")
        #expect(FileManager.default.contents(atPath: "\(hdf5)/val.hdf5") == before)
        #expect(try HDF5File(reading: "\(hdf5)/train.hdf5").root.dataset("images").shape[0] == 7)
    }

    @Test func mistakesInTheDataAreNamed() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tree = try ImageNetTree("\(folder)/tree", imagesPerClass: 2)
        func expectMessage(
            _ message: String, _ more: String..., location: SourceLocation = #_sourceLocation
        ) throws {
            try expectMistake(
                "BuildImageNet", ["--data", tree.folder, "--output", hdf5] + more, message, location: location)
            let left = (try? FileManager.default.contentsOfDirectory(atPath: hdf5)) ?? []
            #expect(left.isEmpty, "\(left)", sourceLocation: location)
        }
        let files = FileManager.default
        try expectMessage("has 3 classes, not 4; --classes must be from 1 to 3", "--classes", "4")
        try expectMessage("--jobs must be", "--jobs", "0")
        try expectMistake("BuildImageNet", ["--data", folder, "--output", hdf5], "not ImageNet as it is unpacked")
        try expectMistake("BuildImageNet", ["--data", "/nowhere", "--output", hdf5], "it has no folder train")
        try expectMessage("cannot read /nowhere", "--ground-truth", "/nowhere")

        let victim = "\(tree.folder)/train/n02/n02_1.JPEG"
        let whole = try #require(files.contents(atPath: victim))
        for broken in [whole.prefix(whole.count / 2), Data(), Data("text".utf8)] {
            try broken.write(to: URL(fileURLWithPath: victim))
            try expectMessage("n02_1.JPEG: ")
        }
        let skipping = try build("--skip-unreadable")
        #expect(
            skipping.status == 0 && skipping.output.contains("1 image could not be decoded and was left out"),
            "\(skipping.errors)")
        try files.removeItem(atPath: hdf5)
        // A class must not lose all its images.
        let other = "\(tree.folder)/train/n02/n02_0.JPEG"
        let otherWhole = try #require(files.contents(atPath: other))
        try Data("text".utf8).write(to: URL(fileURLWithPath: other))
        try expectMessage("none of the training images of n02 can be decoded", "--skip-unreadable")
        try otherWhole.write(to: URL(fileURLWithPath: other))
        try whole.write(to: URL(fileURLWithPath: victim))

        try tree.writeGroundTruth(["n01", "n02"])
        try expectMessage("has 2 lines, but \(tree.folder)/val holds 3 JPEG files")
        try tree.writeGroundTruth(["n01", "n99", "n02"])
        try expectMessage("line 2: the class \"n99\"")
        try tree.writeGroundTruth(["1", "2", "4"])
        try expectMessage("line 3: there is no class 4; they go from 1 to 3", "--sorted-labels")
        try tree.writeGroundTruth(["1", "0", "2"])
        try expectMessage("line 2: there is no class 0", "--sorted-labels")
        try tree.writeGroundTruth(["n03", "n03", "n03"])
        try expectMessage("leaves no images for the val set", "--classes", "2")
        for name in try files.contentsOfDirectory(atPath: "\(tree.folder)/train/n03") {
            try files.removeItem(atPath: "\(tree.folder)/train/n03/\(name)")
        }
        try expectMessage("train/n03 holds no JPEG files")
        try files.removeItem(atPath: "\(tree.folder)/ILSVRC2012_validation_ground_truth.txt")
        try expectMessage("ILSVRC2012_validation_ground_truth.txt: No such file")
    }

    /// Training in one go, epoch by epoch, and stopped within an epoch ends with the same weights.
    @Test func trainingResumesWithTheSameBits() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try ImageNetTree("\(folder)/tree", imagesPerClass: 2)
        #expect(try build().status == 0)
        let straight = try Command.run("TrainImageNet", trainArguments("straight", "--epochs", "2", "--seed", "3"))
        #expect(straight.status == 0, "\(straight.errors)")
        #expect(straight.output.contains("training on 6 images of 3 classes"))
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/straight").sorted()
        #expect(
            files == ["json", "png", "run.json", "svg"].map { "inception_v1_imagenet.\($0)" } + [
                "m.hdf5", "m_previous.hdf5",
            ])
        let record = try RunRecord(contentsOf: "\(folder)/straight/inception_v1_imagenet.run.json")
        #expect(record.epochs.count == 2 && record.dataset.classes == 3 && record.dataset.validationImages == 3)
        #expect(record.final("val_auxilliary_output_2_loss") != nil)
        #expect(record.experiment.settings["dropout"] == [0.4, 0.7])
        let (schedule, optimizer) = (record.experiment.settings["schedule"], record.experiment.settings["optimizer"])
        #expect(schedule == ExponentialStaircase(initial: 0.001, drop: 0.96, every: 8).described)
        #expect(optimizer == SGD(learningRate: 0.001, momentum: 0.9).described)
        // The total loss is the main loss plus 0.3 times the heads' losses.
        for epoch in record.epochs {
            func loss(_ name: String) -> Double { epoch.metrics["\(name)_loss"] ?? .nan }
            let weighted = loss("output") + 0.3 * (loss("auxilliary_output_1") + loss("auxilliary_output_2"))
            #expect(abs(weighted - (epoch.metrics["loss"] ?? .nan)) < 1e-5)
        }

        #expect(try Command.run("TrainImageNet", trainArguments("parts", "--epochs", "1", "--seed", "3")).status == 0)
        let next = try Command.run("TrainImageNet", trainArguments("parts", "--epochs", "2", "--start-epoch", "1"))
        #expect(next.status == 0, "\(next.errors)")
        #expect(try weights("straight") == weights("parts"))

        let stopped = try Command.interrupt(
            "TrainImageNet", trainArguments("stopped", "--epochs", "2", "--seed", "3"), after: "training on", in: folder
        )
        #expect(stopped.status == 128 + SIGINT, "\(stopped.errors)")
        let line = try #require(stopped.output.split(separator: "\n").last).replacing("swift run ", with: "")
        #expect(line.hasSuffix(" --resume"), "\(stopped.output)")
        let programs = Command.folder
        #expect(try Command.shell("'\(programs)'/\(line)", in: folder) == 0, "\(line)")
        #expect(try weights("straight") == weights("stopped"))

        // A model of another shape, or of other classes, is not resumed.
        try expectMistake(
            "TrainImageNet", trainArguments("parts", "--start-epoch", "2", "--batch-normalization"),
            "holds another network")
        #expect(try build("--overwrite", "--classes", "2").status == 0)
        try expectMistake("TrainImageNet", trainArguments("parts", "--start-epoch", "2"), "holds another network")
    }

    @Test func accuracyIsReportedForEveryNumberOfCrops() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tree = try ImageNetTree("\(folder)/tree", imagesPerClass: 2)
        #expect(try build().status == 0)
        let trained = try Command.run(
            "TrainImageNet", trainArguments("run", "--epochs", "1", "--batch-normalization"))
        #expect(trained.status == 0, "\(trained.errors)")
        let arguments = ["--data", tree.folder, "--hdf5", hdf5, "--model", "\(folder)/run/m.hdf5", "--threads", "2"]
        func run(_ more: String...) throws -> Command {
            let run = try Command.run("ImageNetAccuracy", arguments + more)
            #expect(run.status == 0 && run.output.contains("top-5: 100.00%"), "\(run.errors)")
            return run
        }
        // Validation after every epoch used one crop, so the accuracies agree.
        let record = try RunRecord(contentsOf: "\(folder)/run/inception_v1_imagenet.run.json")
        let validated = try #require(record.final("val_output_acc"))
        let one = try run().output
        #expect(one.contains("top-1: \(String(format: "%.2f%%", 100 * validated))"), "\(one)")
        // The heads are removed.
        #expect(try run("--crops", "10").output.contains("3 validation images, crops of each: 10"))
        #expect(try run("--crops", "144", "--limit", "1").output.contains("1 validation image, crops of each: 144"))
        // A sliver and a single pixel are scaled up like any other image.
        try ImageNetTree.write(height: 3, width: 5000, label: 2, to: tree.validationFile(0))
        try ImageNetTree.write(height: 1, width: 1, label: 0, to: tree.validationFile(1))
        _ = try run("--limit", "2")

        try expectMistake("ImageNetAccuracy", arguments + ["--classes", "2"], "tells 3 classes apart, not 2")
        let others = try ImageNetTree("\(folder)/others", imagesPerClass: 1)
        try FileManager.default.moveItem(atPath: "\(others.folder)/train/n03", toPath: "\(others.folder)/train/n04")
        try others.writeGroundTruth(["n01", "n02", "n04"])
        try expectMistake(
            "ImageNetAccuracy", arguments + ["--data", others.folder], "was trained on other classes than those of")
        // The means of other pictures are refused too.
        let means = "\(hdf5)/imagenet-mean.json"
        let own = try String(contentsOfFile: means, encoding: .utf8)
        try own.replacing("n02", with: "n05").write(toFile: means, atomically: true, encoding: .utf8)
        let parts = "class 1 is \"n05\" in the first and \"n02\" in the second"
        try expectMistake("ImageNetAccuracy", arguments, parts)
        try expectMistake("TrainImageNet", trainArguments("run"), parts)
        try own.write(toFile: means, atomically: true, encoding: .utf8)
        // Numbers need an order, here too.
        try tree.writeGroundTruth(["3", "1", "2"])
        try expectMistake("ImageNetAccuracy", arguments, "--sorted-labels")
        _ = try run("--sorted-labels")
        try tree.writeGroundTruth(["n03", "n01", "n02"])
        try expectMistake("ImageNetAccuracy", arguments + ["--data", folder], "not ImageNet as it is unpacked")
        try expectMistake(
            "ImageNetAccuracy",
            arguments + ["--model", Fixtures.own("keras_models/minigooglenet_half_sgd.hdf5")],
            "tells 10 classes apart, not 3")
        try Data("no picture".utf8).write(to: URL(fileURLWithPath: tree.validationFile(2)))
        try expectMistake("ImageNetAccuracy", arguments, "val_00000003.JPEG: it is neither a JPEG nor a PNG")
        let skipping = try run("--skip-unreadable")
        #expect(skipping.output.contains("of 2 of the 3 images:"), "\(skipping.output)")
        try tree.writeGroundTruth(["n01"])
        try expectMistake("ImageNetAccuracy", arguments, "has 1 lines")
    }

    /// Inception v3 has pictures of its own size, one head, a file name and a recipe.
    @Test func aLaterNetworkIsTrainedByItsOwnRecipe() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tree = try ImageNetTree("\(folder)/tree", imagesPerClass: 1)
        #expect(try build().status == 0)
        let output = "\(folder)/run"
        let arguments = ["--network", "inception-v3", "--data", hdf5, "--output", output, "--batch-size", "3"]
        let run = try Command.run("TrainImageNet", arguments + ["--epochs", "1"])
        #expect(run.status == 0, "\(run.errors)")
        let record = try RunRecord(contentsOf: "\(output)/inception_v3_imagenet.run.json")
        #expect(record.experiment.name == "inception-v3" && record.network.name == "InceptionV3")
        #expect(record.final("val_aux_predictions_loss") != nil)
        #expect(record.experiment.settings["augmentation"]?["config"]?["side"] == 299)
        #expect(
            record.experiment.settings["gradient_steps"] == .array([GradientClipping.globalNorm(2).described]))
        let other = try Command.run(
            "TrainImageNet",
            ["--data", hdf5, "--output", output, "--batch-size", "3", "--epochs", "1", "--resume", "--model"]
                + ["\(output)/inception_v3_imagenet.hdf5"])
        #expect(other.isOneClearLine && other.errors.contains("holds another network"), "\(other.errors)")
        let accuracy = try Command.run(
            "ImageNetAccuracy",
            ["--data", tree.folder, "--hdf5", hdf5, "--model", "\(output)/inception_v3_imagenet.hdf5", "--crops", "10"])
        #expect(accuracy.status == 0 && accuracy.output.contains("top-5: 100.00%"), "\(accuracy.errors)")
    }

    static let mistakes: [(program: String, arguments: [String], message: String)] = [
        ("TrainImageNet", [], "swift run BuildImageNet"),
        ("TrainImageNet", ["--epochs", "0"], "--epochs must be at least 1"),
        ("TrainImageNet", ["--start-epoch", "250"], "--start-epoch must be below the 250 epochs"),
        ("TrainImageNet", ["--learning-rate", "nan"], "--learning-rate must be above 0"),
        ("TrainImageNet", ["--experiment", "nope"], "there are paper, batch-normalization"),
        ("TrainImageNet", ["--experiment", "paper", "--batch-normalization"], "is another experiment than"),
        ("TrainImageNet", ["--network", "resnet50", "--experiment", "paper"], "there are resnet50"),
        ("TrainImageNet", ["--network", "resnet50", "--batch-normalization"], "is for Inception v1 only"),
        (
            "TrainImageNet", ["--network", "inception-v3", "--no-local-response-normalization"],
            "--local-response-normalization is for Inception v1 only"
        ),
        ("TrainImageNet", ["--network", "inception"], "'inception' is invalid"),
        ("TrainImageNet", ["--limit", "0"], "--limit must be at least 1"),
        ("TrainImageNet", ["--model", "/"], "folder"),
        ("ImageNetAccuracy", ["--crops", "3"], "--crops must be 1, 10 or 144"),
        ("ImageNetAccuracy", ["--model", "/nowhere.hdf5"], "/nowhere.hdf5"),
        ("ImageNetAccuracy", ["--limit", "0"], "--limit must be at least 1"),
    ]

    @Test(arguments: mistakes.indices)
    func aMistakeIsOneClearLine(index: Int) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (program, arguments, message) = Self.mistakes[index]
        try expectMistake(program, arguments, message)
    }
}
