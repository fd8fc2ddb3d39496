import FixtureSupport
import Foundation
import HDF5
import Imaging
import NeuralNetwork
import ProgramSupport
import PyImageSearch
import Runs
import ScikitLearn
import Tensors
import Testing

/// Chapters 9 and 10: from pictures to HDF5 files, from these to AlexNet and its crops, and to features and a classifier.
@Suite(.serialized) final class Chapter10Tests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Flat pictures with Kaggle's names; the red of each is its number, twice for dogs.
    private func drawCatsAndDogs(_ count: Int = 10, width: Int = 30) throws {
        let train = "\(folder)/kaggle_dogs_vs_cats/train"
        try FileManager.default.createDirectory(atPath: train, withIntermediateDirectories: true)
        for number in 0..<count {
            for (label, name) in ["cat", "dog"].enumerated() {
                let color = [UInt8((label + 1) * (number + 1)), 100, 200]
                let pixels = (0..<20 * width).flatMap { _ in color }
                try Data(Image(height: 20, width: width, pixels: pixels).png()).write(
                    to: URL(fileURLWithPath: "\(train)/\(name).\(number).png"))
            }
        }
    }

    private func build(_ flags: String...) throws -> Command {
        try Command.run(
            "build_dogs_vs_cats", ["--dataset", "\(folder)/kaggle_dogs_vs_cats"] + flags, in: folder)
    }

    private func stored(_ set: String) throws -> HDF5Group {
        try HDF5File(reading: "\(folder)/output/dogs_vs_cats/\(set).hdf5").root
    }

    // MARK: - Chapter 9

    @Test func photographsAreSplitAsByScikitLearn() throws {
        try drawCatsAndDogs()
        let built = try build()
        try #require(built.status == 0, "\(built.errors)")
        // Class by class, sorted by name: of each class 0, 1, 2, ...
        let reds = [1, 2].flatMap { factor in (1...10).map { factor * $0 } }
        let labels = reds.indices.map { $0 / 10 }
        let (rest, test) = try trainTestSplit(20, testSize: 2, randomState: 42, stratify: labels)
        let (train, val) = try trainTestSplit(18, testSize: 2, randomState: 42, stratify: rest.map { labels[$0] })
        for (set, rows) in [("train", train.map { rest[$0] }), ("val", val.map { rest[$0] }), ("test", test)] {
            let images = try stored(set).dataset("images")
            #expect(images.shape == [rows.count, 256, 256, 3])
            let pixels = try images.read(as: UInt8.self)
            #expect(rows.indices.map { Int(pixels[$0 * 256 * 256 * 3]) } == rows.map { reds[$0] }, "\(set)")
            #expect(try stored(set).dataset("labels").read(as: Int.self) == rows.map { labels[$0] })
            #expect(try stored(set).dataset("label_names").readStrings() == ["cat", "dog"])
        }
        let means = try ChannelMeans(contentsOf: "\(folder)/output/dogs_vs_cats/dogs_vs_cats_mean.json")
        let trainReds = train.map { Double(reds[rest[$0]]) }
        #expect(abs(means.red - trainReds.reduce(0, +) / 16) < 1e-9 && means.blue == 200)
    }

    /// Whatever the storage and the number of threads, the same images.
    @Test func flagsChangeHowImagesAreStored() throws {
        try drawCatsAndDogs()
        func images(_ flags: String...) throws -> ([UInt8], Int) {
            let run = try Command.run(
                "Chapter09BuildDogsVsCats",
                ["--dataset", "\(folder)/kaggle_dogs_vs_cats", "--overwrite"] + flags, in: folder)
            try #require(run.status == 0, "\(run.errors)")
            let size =
                try FileManager.default.attributesOfItem(
                    atPath: "\(folder)/output/dogs_vs_cats/train.hdf5")[.size] as? Int
            return (try stored("train").dataset("images").read(as: UInt8.self), size ?? 0)
        }
        let (plain, bytes) = try images()
        let (gzip, small) = try images("--compression", "gzip", "--chunk-rows", "3", "--jobs", "1")
        let (floats, large) = try images("--dtype", "float64")
        #expect(gzip == plain && floats == plain)
        #expect(small < bytes / 20 && large > 7 * bytes)
        #expect(try stored("train").dataset("images").holdsBytes() == false)
        // More images than there are make one block.
        let (whole, _) = try images("--chunk-rows", "\(Int.max)")
        #expect(whole == plain)
    }

    @Test func whatIsNoCatOrDogIsRefused() throws {
        try drawCatsAndDogs(3)
        let train = "\(folder)/kaggle_dogs_vs_cats/train"
        func refused(_ words: String, _ flags: String..., location: SourceLocation = #_sourceLocation) throws {
            let run = try Command.run(
                "build_dogs_vs_cats", ["--dataset", "\(folder)/kaggle_dogs_vs_cats"] + flags, in: folder)
            #expect(run.isOneClearLine && run.errors.contains(words), "\(run.errors)", sourceLocation: location)
        }
        // A tenth of six pictures is one, which cannot be of both classes.
        try refused("has 6 pictures of 2 classes; a tenth of them, 1, must have some of each")
        try drawCatsAndDogs(10)
        try FileManager.default.copyItem(atPath: "\(train)/cat.0.png", toPath: "\(train)/panda.0.png")
        try refused("panda.0.png is neither a cat nor a dog")
        try FileManager.default.removeItem(atPath: "\(train)/panda.0.png")
        try Data("no picture".utf8).write(to: URL(fileURLWithPath: "\(train)/dog.3.png"))
        try refused("dog.3.png")
        let skipped = try build("--skip-unreadable")
        #expect(skipped.status == 0 && skipped.output.contains("1 image could not be decoded"), "\(skipped.errors)")
        try refused("allow it with --overwrite")
    }

    // MARK: - Chapter 10

    /// Without flags: each program finds what the one before it has written. AlexNet is large, so it sees few images.
    @Test func theProgramsWorkOnDrawnPictures() throws {
        let early = try Command.run("train_alexnet", [], in: folder)
        #expect(early.isOneClearLine && early.errors.contains("run this first: swift run Chapter09BuildDogsVsCats"))
        let built = try Command.run("Chapter09BuildDogsVsCats", [], in: folder)
        try #require(built.status == 0, "\(built.errors)")
        #expect(try stored("train").dataset("images").shape == [320, 256, 256, 3])

        let untrained = try Command.run("crop_accuracy", [], in: folder)
        #expect(untrained.isOneClearLine && untrained.errors.contains("swift run Chapter10TrainAlexNet"))
        let trained = try Command.run(
            "Chapter10TrainAlexNet", ["--epochs", "1", "--limit", "8", "--validation-limit", "4", "--batch-size", "4"],
            in: folder)
        try #require(trained.status == 0, "\(trained.errors)")
        let path = "\(folder)/output/alexnet_dogs_vs_cats.run.json"
        #expect(try RunRecord(contentsOf: path).dataset.name == "shapes")

        let tried = try Command.run("Chapter10CropAccuracy", ["--limit", "5", "--batch-size", "4"], in: folder)
        try #require(tried.status == 0, "\(tried.errors)")
        #expect(tried.output.contains("(the last 1 image of 5 as wrong)"), "\(tried.output)")
        #expect(try RunRecord(contentsOf: path).test == nil)
        let ranked = try Command.run("Chapter10CropAccuracy", [], in: folder)
        try #require(ranked.status == 0, "\(ranked.errors)")
        let metrics = try #require(try RunRecord(contentsOf: path).test?.metrics)
        #expect(Set(metrics.keys) == ["rank1", "rank1_ten_crops"])
        try check(metrics, validationLoss: try #require(RunRecord(contentsOf: path).final("val_loss")))
    }

    /// The same numbers from the saved model: images scaled to 227 pixels, or ten crops cut out by hand, minus the means.
    private func check(_ metrics: [String: Double], validationLoss: Double) throws {
        let data = "\(folder)/output/dogs_vs_cats"
        let means = try ChannelMeans(contentsOf: "\(data)/dogs_vs_cats_mean.json").preprocessor
        let model = try Model.load(
            "\(folder)/output/alexnet_dogs_vs_cats.hdf5", backend: TestBackend.onednn.backend)
        let scaled = SimplePreprocessor(width: 227, height: 227)
        let validation = try HDF5DatasetGenerator(
            "\(data)/val.hdf5", batchSize: 4, preprocessors: [scaled, means], limit: 4)
        let loss = try #require(try model.evaluate(validation)["loss"])
        #expect(abs(loss - validationLoss) < 1e-4 * max(1, loss))

        let test = try HDF5DatasetGenerator("\(data)/test.hdf5", batchSize: 8, preprocessors: [scaled, means])
        let (rank1, _) = rank5Accuracy(predictions: try model.predict(test), labels: test.labels)
        #expect(rank1 == metrics["rank1"])
        let images = try HDF5File(reading: test.path).root.dataset("images").read(as: UInt8.self)
        let views = try test.labels.indices.flatMap { row -> [Tensor] in
            let size = 256 * 256 * 3
            let image = Tensor(
                shape: [256, 256, 3], scalars: images[row * size..<(row + 1) * size].map(Float.init))
            let crops = [(0, 0, 227), (0, 29, 227), (29, 29, 227), (29, 0, 227), (14, 14, 228)].map {
                image.cropped(rows: $0..<$0 + $2, columns: $1..<$1 + $2)
                    .resized(width: 227, height: 227, interpolation: .area)
            }
            return try crops.map(means.preprocess) + crops.map { try means.preprocess($0.mirrored()) }
        }
        let predictions = try model.predict(Tensor(rows: views), batchSize: 40)
        let averages = test.labels.indices.map { predictions[rows: 10 * $0..<10 * $0 + 10].meanOfRows() }
        let (tenCrops, _) = rank5Accuracy(predictions: Tensor(rows: averages), labels: test.labels)
        #expect(tenCrops == metrics["rank1_ten_crops"])
    }

    /// The book's network comes first: its weights are read, though those of VGG16 are there too.
    @Test func resNet50IsPreferred() throws {
        try drawCatsAndDogs(2)
        for network in ["resnet50", "vgg16"] {
            let name = "\(network)_weights_tf_dim_ordering_tf_kernels_notop.h5"
            try Data("no weights".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        for (program, network) in [("Chapter10ExtractFeatures", "resnet50"), ("Chapter03ExtractFeatures", "vgg16")] {
            let run = try Command.run(
                program, ["--dataset", "\(folder)/kaggle_dogs_vs_cats"], in: folder,
                environment: ["PYIMAGESEARCH_DATA": folder])
            #expect(run.isOneClearLine && run.errors.contains("\(network)_weights"), "\(run.errors)")
        }
    }

    @Test func featuresOfDrawnPicturesAreLearned() throws {
        let extracted = try Command.run("Chapter10ExtractFeatures", ["--limit", "120"], in: folder)
        try #require(extracted.status == 0, "\(extracted.errors)")
        let trained = try Command.run("Chapter10TrainModel", [], in: folder)
        try #require(trained.status == 0, "\(trained.errors)")
        let record = try ClassifierRecord(contentsOf: "\(folder)/output/dogs_vs_cats_classifier.record.json")
        #expect(record.grid.map(\.c) == [0.0001, 0.001, 0.01, 0.1, 1] && record.chapter == "Chapter10TrainModel")
        let accuracy = try #require(record.test.metrics["accuracy"])
        #expect(accuracy > 0.6 && trained.output.contains(String(format: "score: %.5f", accuracy)))
    }
}
