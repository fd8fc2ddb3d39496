import FixtureSupport
import Foundation
import HDF5
import Imaging
import NeuralNetwork
import ProgramSupport
import PyImageSearch
import Runs
import Testing

/// Chapters 3 and 4: from pictures to features, from features to a classifier, from the classifier to its ranks.
@Suite(.serialized) final class Chapter03Tests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    private var features: String { "\(folder)/features.hdf5" }
    private var classifier: String { "\(folder)/classifier.hdf5" }

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    // MARK: - What should go well

    /// Without flags: pictures are drawn, a small network learns from other drawings, and each program finds what the
    /// one before it has written.
    @Test func theProgramsWorkWithoutFlags() throws {
        let extracted = try Command.run("Chapter03ExtractFeatures", ["--limit", "80"], in: folder)
        try #require(extracted.status == 0, "\(extracted.errors)")
        let file = try FeaturesFile("\(folder)/output/features.hdf5")
        #expect(file.labels.count == 80 && file.classNames.count == 10)
        #expect(try file.origin().dataset == "shapes")
        #expect(try (file.origin().imagesPerSecond ?? 0) > 0)

        let trained = try Command.run("Chapter03TrainModel", [], in: folder)
        try #require(trained.status == 0, "\(trained.errors)")
        #expect(trained.output.contains("best hyperparameters: C ") && trained.output.contains("weighted avg"))
        let ranked = try Command.run("Chapter04RankAccuracy", [], in: folder)
        try #require(ranked.status == 0, "\(ranked.errors)")
        #expect(ranked.output.contains("rank-1: ") && ranked.output.contains("rank-5: "))

        let record = try ClassifierRecord(contentsOf: "\(folder)/output/classifier.record.json")
        let metrics = record.test.metrics
        #expect(record.grid.count == 6 && record.trainingSamples == 60 && record.features.count == file.featureCount)
        #expect(metrics["rank1"] == metrics["accuracy"])
        #expect((metrics["rank5"] ?? 0) >= (metrics["rank1"] ?? 1))
    }

    /// A model's file says what becomes of a byte; a flag says otherwise.
    @Test func picturesBecomeWhatTheFileOfTheModelSays() throws {
        try drawPictures()
        let saying = "\(folder)/saying.hdf5"
        let described = try Model.load(model)
        described.setPictureInput(PictureInput([], conversion: .symmetric))
        try described.save(saying)
        var stored: [[Float]] = []
        for (name, flags) in [
            ("a", ["--model", saying]), ("b", ["--scaling", "symmetric"]),
            ("c", ["--model", saying, "--scaling", "unit"]), ("d", []),
        ] {
            try extract(to: "\(folder)/\(name).hdf5", flags)
            let file = try FeaturesFile("\(folder)/\(name).hdf5")
            stored.append(try file.features(rows: 0..<file.labels.count).scalars)
        }
        #expect(stored[0] == stored[1] && stored[2] == stored[3] && stored[0] != stored[2])
    }

    /// Both types hold the same numbers, and the same seed gives the same bytes but for the measured speed.
    @Test func featuresAreTheSameInBothTypesAndEveryTime() throws {
        try drawPictures()
        var stored: [[Float]] = [], labels: [[Int]] = []
        for (name, flags) in [
            ("a", []), ("b", ["--buffer-size", "3", "--batch-size", "5"]), ("c", ["--dtype", "float64"]),
            ("d", ["--seed", "7"]), ("e", ["--limit", "5"]),
        ] {
            try extract(to: "\(folder)/\(name).hdf5", flags)
            let file = try FeaturesFile("\(folder)/\(name).hdf5")
            stored.append(try file.features(rows: 0..<file.labels.count).scalars)
            labels.append(file.labels)
        }
        func size(_ name: String) throws -> Int {
            try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name).hdf5")).count
        }
        #expect(try size("c") - size("a") == 4 * stored[0].count)
        #expect(stored[0] == stored[2] && labels[0] == labels[1] && labels[0] == labels[2])
        // Batches of another size may be computed in another order.
        for other in [stored[1], stored[4]] {
            #expect(zip(stored[0], other).allSatisfy { abs($0 - $1) <= 1e-4 * max(1, abs($0)) })
        }
        #expect(labels[3] != labels[0] && labels[3].sorted() == labels[0].sorted())
        #expect(labels[4] == Array(labels[0].prefix(5)))
        #expect(stored[4].count * 12 == stored[0].count * 5)

        try extract(to: features, [])
        #expect(try bytes(features) == bytes("\(folder)/a.hdf5"))
    }

    /// The file without the one attribute that a clock has measured.
    private func bytes(_ path: String) throws -> Data {
        let file = try HDF5File(reading: path)
        let speed = try #require(try file.root.attributes.numbers("images_per_second")?.first)
        try file.close()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let measured = withUnsafeBytes(of: speed) { Data($0) }
        bytes.removeSubrange(try #require(bytes.range(of: measured)))
        return bytes
    }

    // MARK: - What must be refused

    /// Files of features whose parts do not fit, or that are too few to learn from.
    @Test func featuresThatCannotBeUsedAreNamed() throws {
        for (labels, names, message) in [
            ([0, 1, 0], ["a", "b"], "has features of 40 samples, but labels of shape [3]: extract them again"),
            (nil, ["a", "b"], "has no labels"),
            (Array(repeating: 0, count: 40), ["a", "b"], "All samples have the label 0"),
            ((0..<40).map { $0 % 2 }, nil, "has no label_names"), ((0..<40).map { $0 }, nil, "has no label_names"),
            ((0..<40).map { $0 }, (0..<40).map { "\($0)" }, "add samples"),
            ((0..<40).map { $0 % 3 }, ["a", "b"], "has the label 2"),
        ] as [([Int]?, [String]?, String)] {
            try writeFeatures(labels: labels, names: names)
            try refused("Chapter03TrainModel", ["--db", features, "--model", classifier], features, message)
        }
        try writeFeatures(labels: nil)
        let file = try HDF5File(updating: features)
        var labels = (0..<40).map { Double($0 % 3) }
        labels[7] = 0.7
        try file.root.createDataset("labels", shape: [40], type: .float64).write(labels)
        try file.close()
        try refused(
            "Chapter03TrainModel", ["--db", features, "--model", classifier], features, "label 7", "0.7",
            "not a whole number")
        try refused(
            "Chapter03TrainModel", ["--db", "missing.hdf5"], "missing.hdf5", "swift run Chapter03ExtractFeatures")
        try refused("Chapter04RankAccuracy", ["--db", "missing.hdf5"], "missing.hdf5", "swift run Chapter03TrainModel")
    }

    @Test func aClassifierOfOtherFeaturesIsRefused() throws {
        try writeFeatures()
        try refused("Chapter04RankAccuracy", ["--db", features, "--model", classifier], classifier, "does not exist")
        let flags = ["--db", features, "--model", classifier]
        #expect(try Command.run("Chapter03TrainModel", flags, in: folder).status == 0)
        try refused("Chapter03TrainModel", flags, classifier, "already exists")
        // As in the original, -1 is one for each processor.
        #expect(try Command.run("train_model", flags + ["-j", "-1", "--overwrite"], in: folder).status == 0)
        try refused("Chapter03TrainModel", flags + ["--jobs", "-2"], "--jobs must be -1 or from 1 to 1024, not -2")
        // The features would be gone.
        try refused(
            "Chapter03TrainModel", ["--db", features, "--model", features, "--overwrite"], features,
            "would be overwritten")
        #expect(try FeaturesFile(features).labels.count == 40)
        try refused(
            "Chapter04RankAccuracy", ["--db", features, "--model", features], features, "not a file of a logistic")

        try writeFeatures(width: 7)
        try refused("Chapter04RankAccuracy", flags, classifier, "was fitted to 6 features, but \(features) has 7")
        try writeFeatures(names: ["x", "y", "z"])
        try refused("Chapter04RankAccuracy", flags, classifier, "was fitted to other classes than those of \(features)")
    }

    /// Files of weights of another network, and one that is not whole.
    @Test func weightsThatDoNotFitAreNamed() throws {
        try drawPictures()
        for (name, build) in [("squeezenet", PretrainedNetwork.Name.squeezenet), ("resnet50", .resnet50)] {
            try build.build(top: false).on(.any).save("\(folder)/\(name).h5")
        }
        let squeezeNet = "\(folder)/squeezenet.h5", resNet = "\(folder)/resnet50.h5"
        try refusedExtraction(["--network", "vgg16", "--weights", squeezeNet], squeezeNet, "VGG16")
        try refusedExtraction(["--network", "squeezenet", "--weights", resNet], resNet, "\"conv1\"", "SqueezeNet")
        let whole = try Data(contentsOf: URL(fileURLWithPath: squeezeNet))
        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: squeezeNet))
        try refusedExtraction(["--network", "squeezenet", "--weights", squeezeNet], squeezeNet, "is not whole")
        try refusedExtraction(["--weights", "missing.h5"], "missing.h5", "no such file")
        // The name of the file says whose weights they are.
        try refusedExtraction(["--weights", squeezeNet], squeezeNet, "is not whole")
        try refusedExtraction(["--network", "small", "--scaling", "unit"], "--scaling is for --model")
        try refusedExtraction(["--model", model, "--seed", "4294967296"], "--seed must be below 4294967296")
        try refusedExtraction(["--model", model, "--layer", "nonsense"], "\"nonsense\"", "its layers are")
    }

    /// Before a network is downloaded or trained.
    @Test(arguments: ["Chapter03ExtractFeatures", "Chapter05FinetuneFlowers17", "Chapter10ExtractFeatures"])
    func missingPicturesAreNamedBeforeTheWork(program: String) throws {
        let nowhere = ["HOME": folder, "PYIMAGESEARCH_DATA": folder, "XDG_CACHE_HOME": folder]
        func refusal() throws -> String {
            let run = try Command.run(program, ["--dataset", "animals"], in: folder, environment: nowhere)
            #expect(run.status != 0 && run.isOneClearLine && run.output.isEmpty, "\(run.errors) \(run.output)")
            return run.errors
        }
        #expect(try refusal().contains("Animals is in none of "))
        // A folder too many is not the same as none.
        for name in ["cats", "dogs", "panda", "others"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/animals/\(name)", withIntermediateDirectories: true)
        }
        #expect(try refusal().contains("\(folder)/animals is not Animals; expected are the folders cats, dogs and"))
    }

    @Test func picturesThatCannotBeUsedAreNamed() throws {
        try drawPictures()
        let picture = "\(folder)/pictures/b/2.png", bytes = try Data(contentsOf: URL(fileURLWithPath: picture))
        for (contents, message) in [
            (bytes.prefix(bytes.count / 2), "truncated"), (Data("text".utf8), "neither a JPEG nor a PNG"),
            (Data(), "the file is empty"),
        ] {
            try contents.write(to: URL(fileURLWithPath: picture))
            try refusedExtraction(["--model", model], picture, message)
        }
        for number in 1..<6 { try FileManager.default.removeItem(atPath: "\(folder)/pictures/b/\(number).png") }
        try refusedExtraction(["--model", model], "\(folder)/pictures/b has 1 JPEG or PNG file", "add pictures")
        try FileManager.default.removeItem(atPath: "\(folder)/pictures/b/0.png")
        try refusedExtraction(["--model", model], "\(folder)/pictures/b has 0 JPEG or PNG files", "add pictures")
        try FileManager.default.removeItem(atPath: "\(folder)/pictures/b")
        try refusedExtraction(["--model", model], "\(folder)/pictures has 1 folder of pictures", "two at least")
    }

    @Test func outputsThatCannotBeWrittenAreRefusedBeforeTheWork() throws {
        try drawPictures()
        try extract(to: features, [])
        let before = try Data(contentsOf: URL(fileURLWithPath: features))
        for (output, message) in [
            (features, "already exists"), ("/proc/features.hdf5", "cannot write /proc/features.hdf5"),
            (folder, "is a folder; name a file in it"),
        ] {
            let arguments = ["--dataset", "\(folder)/pictures", "--model", model, "--output", output]
            try refused("Chapter03ExtractFeatures", arguments, output, message)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: features)) == before)
        let own = "\(folder)/model.hdf5"
        try FileManager.default.copyItem(atPath: model, toPath: own)
        try refused(
            "Chapter03ExtractFeatures",
            ["--dataset", "\(folder)/pictures", "--model", own, "--output", own, "--overwrite"], own,
            "would be overwritten")
    }

    // MARK: - Steps

    private let model = Fixtures.own("keras_models/minigooglenet_half_sgd.hdf5")

    /// Two classes with six pictures each.
    private func drawPictures() throws {
        for (label, name) in ["a", "b"].enumerated() {
            let path = "\(folder)/pictures/\(name)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            for number in 0..<6 {
                let pixels = (0..<40 * 30 * 3).map { UInt8(($0 * (7 + label) + number * 31) % 256) }
                try Data(Image(height: 40, width: 30, pixels: pixels).png()).write(
                    to: URL(fileURLWithPath: "\(path)/\(number).png"))
            }
        }
    }

    private func extract(to path: String, _ flags: [String]) throws {
        let run = try Command.run(
            "Chapter03ExtractFeatures",
            ["--dataset", "\(folder)/pictures", "--output", path]
                + (flags.contains("--model") ? [] : ["--model", model])
                + flags, in: folder)
        try #require(run.status == 0, "\(run.errors)")
    }

    /// Features of 40 samples, by default of three classes that a plane separates.
    private func writeFeatures(
        labels: [Int]? = (0..<40).map { $0 % 3 }, names: [String]? = ["a", "b", "c"], width: Int = 6
    ) throws {
        let file = try HDF5File(creating: features)
        var scalars = hashUniform("chapter 3", 40 * width, -1, 1)
        for row in 0..<40 { scalars[row * width + row % 3] += 3 }
        try file.root.createDataset("features", shape: [40, width], type: .float32).write(scalars)
        if let labels { try file.root.createDataset("labels", shape: [labels.count], type: .int64).write(labels) }
        if let names { try file.root.createStrings("label_names", names) }
        try file.close()
    }

    private func refusedExtraction(_ flags: [String], _ words: String...) throws {
        let arguments = ["--dataset", "\(folder)/pictures", "--output", features] + flags
        try refused("Chapter03ExtractFeatures", arguments, words)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).allSatisfy { !$0.hasPrefix("features") })
    }

    private func refused(_ program: String, _ arguments: [String], _ words: String...) throws {
        try refused(program, arguments, words)
    }

    private func refused(_ program: String, _ arguments: [String], _ words: [String]) throws {
        let run = try Command.run(program, arguments, in: folder)
        #expect(
            run.status != 0 && run.isOneClearLine && words.allSatisfy(run.errors.contains),
            "\(program) \(arguments): \(run.status) \(run.errors)")
    }
}
