import FixtureSupport
import Foundation
import HDF5
import Imaging
import NeuralNetwork
import PyImageSearch
import ScikitLearn
import Tensors
import Testing

/// Mistakes in calls that cannot throw, by an author of a data set: one line, and no backtrace.
@Suite struct MistakeTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        let says: String
        let make: @Sendable () throws -> Void
        var testDescription: String { says }

        init(_ says: String, _ make: @escaping @Sendable () throws -> Void) { (self.says, self.make) = (says, make) }
    }

    static let mistakes: [Mistake] = [
        // A mistake of many students' first exercise.
        Mistake("AveragePooling2D: a 7x7 window does not fit into 6x6") {
            _ = MiniGoogLeNet.build(width: 28, height: 28, depth: 3, classes: 10)
        },
        Mistake("does not fit into") { _ = MiniGoogLeNet.build(width: 1, height: 1, depth: 3, classes: 10) },
        Mistake("an input of shape (0, 32, 3)") {
            _ = MiniGoogLeNet.build(width: 32, height: 0, depth: 3, classes: 10)
        },
        Mistake("the number of units must be positive, not 0") {
            _ = MiniGoogLeNet.build(width: 32, height: 32, depth: 3, classes: 0)
        },
        Mistake("an input of shape (32, 32, -1)") {
            _ = MiniGoogLeNet.build(width: 32, height: 32, depth: -1, classes: 10)
        },
        Mistake("Dropout: the rate 1.0") {
            _ = MiniGoogLeNet.build(width: 32, height: 32, depth: 3, classes: 10, dropout: 1)
        },
        Mistake("pool5: a 4x4 window does not fit into 2x2") {
            _ = DeeperGoogLeNet.build(width: 32, height: 32, depth: 3, classes: 10)
        },
        Mistake("pool5: a 4x4 window does not fit into 2x2") {
            _ = GoogLeNet.build(width: 32, height: 32, depth: 3, classes: 10)
        },
        Mistake("the factor -1.0 of an L2 penalty") {
            _ = GoogLeNet.build(width: 64, height: 64, depth: 3, classes: 10, reg: -1)
        },
        Mistake("auxilliary_1_pool: a 5x5 window does not fit into 2x2") {
            _ = InceptionV1.build(width: 32, height: 32, depth: 3, classes: 10)
        },
        Mistake("AveragePooling2D: a 8x8 window does not fit into 8x7") {
            resNet(width: 28, [1, 1, 1], [8, 8, 8, 8])
        },
        Mistake("[8, 8, 8] are not the filters of a stem and of stages with [1, 1, 1] modules") {
            resNet([1, 1, 1], [8, 8, 8])
        },
        Mistake("[8, 8, 8] are not the filters of a stem and of stages with [1, 0] modules") {
            resNet([1, 0], [8, 8, 8])
        },
        Mistake("[] are not the filters of a stem") { resNet([], []) },
        // A quarter of them would be none.
        Mistake("the number of filters must be positive, not 0") { resNet([1, 1, 1], [8, 3, 8, 8]) },
        Mistake("the factor -1.0 of an L2 penalty") { resNet([1, 1, 1], [8, 8, 8, 8], reg: -1) },
        // Preprocessing.
        Mistake("an image cannot have 0x32 pixels") { _ = SimplePreprocessor(width: 0, height: 32) },
        Mistake("an image cannot have 32x-1 pixels") { _ = PatchPreprocessor(width: 32, height: -1) },
        Mistake("an image cannot have") { _ = AspectAwarePreprocessor(width: .max, height: 32) },
        Mistake("an image cannot have 0x0 pixels") { _ = CropPreprocessor(width: 0, height: 0) },
        Mistake("an image cannot have 0x0 pixels") { _ = CenterCropPreprocessor(width: 0, height: 0) },
        Mistake("an image cannot have 0x0 pixels") { _ = RandomResizedCropPreprocessor(side: 0) },
        Mistake("a part's share of an image") { _ = RandomResizedCropPreprocessor(side: 8, area: 0...1) },
        Mistake("the ratio of a part's width") {
            _ = RandomResizedCropPreprocessor(side: 8, aspectRatio: 1...Double.infinity)
        },
        Mistake("views of 224x224 pixels cannot be cut out of images scaled to [200]") {
            _ = TestTimeCrops.ten(side: 224, scale: 200)
        },
        Mistake("an image cannot have") { _ = TestTimeCrops.center(side: 0, scale: 0) },
        Mistake("views of 8x8 pixels cannot be cut out of images scaled to []") {
            _ = TestTimeCrops.paper(side: 8, scales: [])
        },
        // Augmentation.
        Mistake("nan is not a range to zoom by") { _ = ImageDataGenerator(zoomRange: .nan) },
        Mistake("a side of -1") { _ = ImageDataGenerator(cutout: -1) },
        Mistake("rotationRange nan") {
            _ = ImageDataGenerator(rotationRange: .nan).randomChange(seed: 1, epoch: 0, index: 0, height: 4, width: 4)
        },
        Mistake("images must have the shape (samples, height, width, channels), not (2, 4)") {
            _ = ImageDataGenerator().flow(Tensor(shape: [2, 4]), Tensor(shape: [2, 1]))
        },
        Mistake("2 images cannot have 3 rows of labels") {
            _ = ImageDataGenerator().flow(Tensor(shape: [2, 4, 4, 3]), Tensor(shape: [3, 1]))
        },
        Mistake("a batch needs at least one sample, not 0") {
            _ = ImageDataGenerator().flow(Tensor(shape: [2, 4, 4, 3]), Tensor(shape: [2, 1]), batchSize: 0)
        },
        Mistake("images must have the shape (samples, height, width, channels), not (4, 4, 3)") {
            _ = ByteImages(shape: [4, 4, 3], bytes: [UInt8](repeating: 0, count: 48))
        },
        Mistake("5 bytes do not fill images of shape (1, 1, 2, 3)") {
            _ = ByteImages(shape: [1, 1, 2, 3], bytes: [1, 2, 3, 4, 5])
        },
        Mistake("image 2 is not among the 2 of shape (2, 1, 1, 3)") {
            _ = ByteImages(shape: [2, 1, 1, 3], bytes: [1, 2, 3, 4, 5, 6]).image(2)
        },
        Mistake("images of shape (1, 2, 3) cannot be normalized by statistics of shape (1, 1, 3)") {
            let mean = Tensor(shape: [1, 1, 3])
            _ = ByteImages(shape: [1, 1, 2, 3], bytes: [1, 2, 3, 4, 5, 6], conversion: .centered(mean: mean)).tensor
        },
        // Data sets and the evaluation of predictions.
        Mistake("the test share must be from 0 to 1, not 2.0") {
            _ = trainTestSplit(labels: [0, 1], testShare: 2, seed: 1)
        },
        Mistake("the test share must be from 0 to 1, not nan") {
            _ = trainTestSplit(labels: [0, 1], testShare: .nan, seed: 1)
        },
        Mistake("predictions are (samples, classes), not (4)") {
            _ = rank5Accuracy(predictions: Tensor(shape: [4]), labels: [1])
        },
        Mistake("predictions are (samples, classes), not (4)") { _ = argmax(Tensor(shape: [4])) },
        Mistake("-1 and 10 are not numbers of images") { _ = Shapes10.load(train: -1, test: 10) },
        Mistake("a data set cannot be cut to -1 images") {
            var data = Shapes10.load(train: 10, test: 10)
            data.limitTraining(to: -1)
        },
        // Images.
        Mistake("5 bytes do not fill an image of 2 rows and 2 columns") {
            _ = Image(height: 2, width: 2, pixels: [1, 2, 3, 4, 5])
        },
        Mistake("an image is (height, width, 3), not (2, 2)") { _ = Image(Tensor(shape: [2, 2])) },
        Mistake("cannot be resized to 0x4") {
            _ = Tensor(shape: [2, 2, 3]).resized(width: 4, height: 0, interpolation: .area)
        },
        Mistake("cannot be resized to") {
            _ = Tensor(shape: [2, 2, 3]).resized(width: .max, height: .max, interpolation: .area)
        },
        Mistake("rows 0..<3, columns 0..<2 are not inside") {
            _ = Tensor(shape: [2, 2, 3]).cropped(rows: 0..<3, columns: 0..<2)
        },
    ]

    private static func resNet(width: Int = 32, _ stages: [Int], _ filters: [Int], reg: Double = 0.0001) {
        _ = ResNet.build(
            width: width, height: 32, depth: 3, classes: 10, stages: stages, filters: filters, reg: reg)
    }

    @Test(arguments: mistakes.indices)
    func endsWithOneLine(number: Int) async throws {
        let result = await #expect(
            processExitsWith: .exitCode(1), observing: [\.standardErrorContent]
        ) { [number] in try Self.mistakes[number].make() }
        let lines = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 1 && lines[0].hasPrefix("error: "), "\(lines)")
        #expect(lines.first?.contains(Self.mistakes[number].says) == true, "\(lines)")
    }

    // MARK: - What can throw does

    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "nothing was thrown"
        } catch { return "\(error)" }
    }

    private func write(_ folder: TemporaryFolder, _ type: ElementType = .float32, spoiled: (Int, Float)? = nil) throws
        -> String
    {
        let path = "\(folder.path)/set.hdf5"
        let writer = try HDF5DatasetWriter(dims: [10, 4, 4, 3], outputPath: path, elementType: type)
        try writer.add([UInt8](repeating: 7, count: 480), labels: (0..<10).map { $0 % 2 })
        try writer.close()
        if let (image, value) = spoiled {
            let file = try HDF5File(updating: path)
            var row = [Float](repeating: 7, count: 48)
            row[47] = value
            try file.root.dataset("images").write(row, rows: image..<image + 1)
            try file.close()
        }
        return path
    }

    @Test func generatorsOfFiles() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = try write(folder)
        #expect(message { _ = try HDF5DatasetGenerator(path, batchSize: 0) }.contains("not 0"))
        #expect(message { _ = try HDF5DatasetGenerator(path, batchSize: 4, limit: -1) }.contains("-1 samples"))
        #expect(message { _ = try HDF5DatasetGenerator(path, batchSize: 4, outputs: -1) }.contains("-1 outputs"))
        let generator = try HDF5DatasetGenerator(path, batchSize: 4)
        #expect(message { _ = try generator.batch(epoch: 0, step: 3) } == "there is no step 3: an epoch has 3")
        #expect(message { _ = try generator.batch(epoch: 0, step: -1) } == "there is no step -1: an epoch has 3")
        #expect(
            message { _ = try generator.batch(epoch: 0, step: 0, samples: 0..<0) }.contains(
                "there are no samples 0..<0"))
        try generator.forEachBatch(epochs: -1) { _ in Issue.record("there is nothing to pass") }
        let none = try HDF5DatasetGenerator(path, batchSize: 4, limit: 0)
        #expect(message { _ = try none.batch(epoch: 0, step: 0) } == "there is no step 0: an epoch has 0")
    }

    @Test func batchesOfArrays() throws {
        let images = Tensor(shape: [5, 4, 4, 3])
        let augmented = ImageDataGenerator().flow(images, Tensor(shape: [5, 2]), batchSize: 2)
        #expect(message { _ = try augmented.batch(epoch: 0, step: 3) } == "there is no step 3: an epoch has 3")
        func resized(
            _ shape: Shape, targets: Int = 5, batchSize: Int = 2, _ conversion: ByteConversion = .plain
        ) throws -> ResizedBatches {
            let bytes = [UInt8](repeating: 0, count: shape.count)
            return try ResizedBatches(
                images: ByteImages(shape: shape, bytes: bytes, conversion: conversion),
                targets: [Tensor(shape: [targets, 2])], width: 8, height: 8, batchSize: batchSize, shuffle: false,
                seed: 1)
        }
        #expect(
            message { _ = try resized([5, 4, 4, 1]) } == "images must have the shape (samples, height, width, 3), not "
                + "(5, 4, 4, 1)")
        #expect(message { _ = try resized([0, 4, 4, 3]) } == "there are no samples")
        #expect(message { _ = try resized([5, 4, 4, 3], targets: 4) } == "5 images cannot have 4 rows of targets")
        #expect(message { _ = try resized([5, 4, 4, 3], batchSize: 0) } == "the batch size must be positive, not 0")
        #expect(message { _ = try resized([5, 4, 4, 3], .unit) }.contains("cannot be normalized before"))
        #expect(message { _ = try resized([5, 4, 4, 3]).batch(epoch: 0, step: 3) }.contains("there is no step 3"))
    }

    @Test func viewsThatDiffer() throws {
        let input = Input(shape: [4, 4, 3])
        let model = try Model(inputs: input, outputs: Flatten()(input)).on(.any)
        func message(_ shapes: Shape...) -> String {
            self.message {
                _ = try model.predict(
                    views: CropPreprocessor(width: 4, height: 4),
                    of: shapes.map { .success((image: Tensor(shape: $0), label: 0)) }, count: 2,
                    preprocessor: ImageToArrayPreprocessor(), batchSize: 20)
            }
        }
        #expect(message([4, 4, 3], [5, 5, 1]).contains("shape (4, 4, 3) and (4, 4, 1) cannot be predicted together"))
        #expect(message([4, 3, 3]).contains("4x4 pixels cannot be cut out of an image of shape"))
        #expect(message([4, 0, 3]).contains("An image has the shape (height, width, channels), not (4, 0, 3)"))
    }

    // MARK: - Numbers that are none

    @Test(arguments: [ElementType.float32, .float64], [Float.nan, .infinity, -.infinity])
    func imagesThatAreNotFiniteAreNamed(type: ElementType, value: Float) throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = try write(folder, type, spoiled: (6, value))
        for shuffle in [false, true] {
            let generator = try HDF5DatasetGenerator(path, batchSize: 4, shuffle: shuffle)
            let text = message { try generator.forEachBatch { _ in } }
            #expect(
                text.hasPrefix(
                    "\(path): the data are not finite: sample 6 of images, counted from 0, holds an infinity or a NaN"),
                "\(text)")
        }
        // Not among the requested images.
        try HDF5DatasetGenerator(path, batchSize: 4, limit: 6).forEachBatch { _ in }
    }

    /// Too large for 32 bits.
    @Test func numbersThatAreTooLargeAreNamed() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = try write(folder, .float64)
        let file = try HDF5File(updating: path)
        try file.root.dataset("images").write([Double](repeating: 1e300, count: 48), rows: 2..<3)
        try file.close()
        let generator = try HDF5DatasetGenerator(path, batchSize: 4)
        #expect(message { _ = try generator.batch(epoch: 0, step: 0) }.contains("sample 2 of images"))
    }

    /// In our own networks few layers need checks at first, and few more later, when weights have grown. Most are in
    /// residual networks, where nothing bounds the sums, and in networks of hundreds of layers.
    @Test(arguments: Networks.affordable, [1 as Float, 5])
    func ourNetworksNeedFewChecks(network: Networks.Entry, growth: Float) throws {
        let model = network.build()
        var weights = try model.on(.any).weights()
        for i in weights.indices where weights[i].shape.rank > 1 {
            weights[i] = Tensor(shape: weights[i].shape, scalars: weights[i].scalars.map { $0 * growth })
        }
        let looked = try #require(model.graph.nodesToLookAt(within: 65_536) { weights[$0.index] })
        let isResidual = model.layers.contains { $0.modules.contains { $0.kind == .residual } }
        let deep = model.layers.count > 200 ? model.layers.count / 30 : 0
        let most = deep + (isResidual ? (growth == 1 ? 3 : 5) : (growth == 1 ? 1 : 2))
        #expect(looked.count <= most, "\(looked.map { model.graph[$0].name })")
    }

    @Test func augmentedArraysNameTheRow() throws {
        var images = Tensor(shape: [5, 4, 4, 3])
        images.scalars[3 * 48] = .nan
        let input = Input(shape: [4, 4, 3])
        let model = try Model(inputs: input, outputs: Dense(2)(Flatten()(input))).on(.any)
        model.compile(loss: .meanSquaredError, optimizer: SGD())
        let text = message {
            try model.fit(
                ImageDataGenerator().flow(images, Tensor(shape: [5, 2]), batchSize: 2), epochs: 1, verbose: false)
        }
        #expect(text.contains("(row 3 of the data, counted from 0)"), "\(text)")
    }
}
