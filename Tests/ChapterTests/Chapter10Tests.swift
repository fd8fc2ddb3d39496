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
        // Validation images are scaled, and lose the means.
        let data = "\(folder)/output/dogs_vs_cats"
        let means = try ChannelMeans(contentsOf: "\(data)/dogs_vs_cats_mean.json").preprocessor
        let model = try Model.load("\(folder)/output/alexnet_dogs_vs_cats.hdf5", backend: TestBackend.onednn.backend)
        let validation = try HDF5DatasetGenerator(
            "\(data)/val.hdf5", batchSize: 4, preprocessors: [SimplePreprocessor(width: 227, height: 227), means],
            limit: 4)
        let loss = try #require(try model.evaluate(validation)["loss"])
        let recorded = try #require(try RunRecord(contentsOf: path).final("val_loss"))
        #expect(abs(loss - recorded) < 1e-4 * max(1, loss))
    }

    /// A network that says how blue an image is beside the mean, so that its answers depend on the crop and on the means.
    @Test func cropsAreThoseOfTheBook() throws {
        let train = "\(folder)/kaggle_dogs_vs_cats/train"
        try FileManager.default.createDirectory(atPath: train, withIntermediateDirectories: true)
        for number in 0..<50 {
            for (label, name) in ["cat", "dog"].enumerated() {
                // Cats have a bright frame, of which a crop sees less than the whole image shows.
                let inside = UInt8(85 + number), frame = label == 0 ? 20..<236 : 0..<256
                let pixels: [UInt8] = (0..<256).flatMap { y in
                    (0..<256).flatMap { x -> [UInt8] in
                        [90, 100, frame.contains(x) && frame.contains(y) ? inside : 255]
                    }
                }
                try Data(Image(height: 256, width: 256, pixels: pixels).png()).write(
                    to: URL(fileURLWithPath: "\(train)/\(name).\(number).png"))
            }
        }
        try #require(try build().status == 0)

        let input = Input(shape: [227, 227, 3])
        let blueness = Model(
            inputs: input, outputs: Dense(2, activation: .softmax)(GlobalAveragePooling2D()(input)))
        try blueness.move(to: TestBackend.onednn.backend)
        try blueness.setWeights([
            Tensor(shape: [3, 2], scalars: [0, 0, 0, 0, 0.1, -0.1]), Tensor(repeating: 0, shape: [2]),
        ])
        try blueness.save("\(folder)/blueness.hdf5")
        let run = try Command.run("crop_accuracy", ["--model", "\(folder)/blueness.hdf5"], in: folder)
        try #require(run.status == 0, "\(run.errors)")

        // The same from the file, by the book's rules.
        let data = "\(folder)/output/dogs_vs_cats"
        let means = try ChannelMeans(contentsOf: "\(data)/dogs_vs_cats_mean.json")
        let images = try stored("test").dataset("images").read(as: UInt8.self)
        let labels = try stored("test").dataset("labels").read(as: Int.self)
        func isCat(_ blueness: Float) -> Bool { blueness > Float(means.blue) }
        func blue(_ image: Tensor) -> Float {
            let values = stride(from: 2, to: image.count, by: 3).map { image.scalars[$0] }
            return values.reduce(0, +) / Float(values.count)
        }
        let size = 256 * 256 * 3
        let pictures = labels.indices.map { row in
            Tensor(shape: [256, 256, 3], scalars: images[row * size..<(row + 1) * size].map(Float.init))
        }
        func percentRight(_ answers: [Bool]) -> String {
            let right = zip(answers, labels).count { $0 == ($1 == 0) }
            return String(format: "%.2f%%", 100 * Double(right) / Double(labels.count))
        }
        let whole = percentRight(pictures.map { isCat(blue($0)) })
        let crops = percentRight(
            pictures.map { picture in
                // Of ten: five, of which each is as blue as its mirror image. A softmax of a difference d is a logistic
                // function of 0.2 d.
                // The center has 228 pixels; scaling it to 227 keeps its mean.
                let views = [(0, 0, 227), (0, 29, 227), (29, 29, 227), (29, 0, 227), (14, 14, 228)].map { y, x, side in
                    picture.cropped(rows: y..<y + side, columns: x..<x + side)
                }
                let probabilities = views.map { 1 / (1 + exp(-0.2 * (blue($0) - Float(means.blue)))) }
                return probabilities.reduce(0, +) / 5 > 0.5
            })
        #expect(whole != crops && whole != percentRight(labels.map { _ in true }))
        #expect(run.output.contains("rank-1: \(whole)\n"), "\(whole): \(run.output)")
        #expect(run.output.contains("rank-1, ten crops: \(crops)\n"), "\(crops): \(run.output)")
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
