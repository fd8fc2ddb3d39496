import FixtureSupport
import Imaging
import NeuralNetwork
import PyImageSearch
import Tensors
import Testing

/// How pictures become inputs, and what model files say about it.
@Suite struct PictureInputTests {
    private static let mean = Tensor(shape: [2, 3, 3], scalars: (0..<18).map { Float($0) / 7 })
    private static let repeated = Tensor(shape: [2, 3, 3], scalars: (0..<18).map { [0.1, 100.5, 3][$0 % 3] })

    private static let conversions: [ByteConversion] = [
        .plain, .unit, .symmetric, .centered(mean: mean), .centered(mean: repeated),
        .standardized(mean: mean, divisor: repeated), .reversed(means: [103.939, 116.779, 123.68], divisor: 1),
    ]

    private func model(_ shape: Shape = [2, 3, 3]) -> Model {
        let inputs = Input(shape: shape)
        return Model(inputs: inputs, outputs: Dense(2, activation: .softmax)(Flatten()(inputs)))
    }

    /// A model file gives back what was written, to the last bit, and resumes as before.
    @Test(arguments: conversions) func filesKeepIt(conversion: ByteConversion) throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = "\(folder.path)/model.hdf5"
        let input = PictureInput(
            [
                .cover(width: 11, height: 9), .aspectAware(width: 9, height: 8), .centerCrop(width: 5, height: 4),
                .resize(width: 3, height: 2),
            ],
            conversion: conversion)
        let model = try model().on(.any)
        model.setPictureInput(input)
        try model.setClassNames(["cat", "dog"], from: "the test")
        model.compile(loss: .categoricalCrossentropy, optimizer: SGD())
        try model.save(path)
        let loaded = try Model.load(path)
        #expect(try loaded.pictureInput() == input)
        #expect(loaded.classNames == ["cat", "dog"])
        loaded.setPictureInput(nil)
        #expect(try loaded.pictureInput() == nil)
        // A model without names has a place for it too.
        let plain = try self.model().on(.any)
        plain.setPictureInput(input)
        try plain.save(path)
        #expect(try Model.load(path).pictureInput() == input)
    }

    @Test func filesWithoutItSayNothing() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        try model().on(.any).save("\(folder.path)/model.hdf5")
        #expect(try Model.load("\(folder.path)/model.hdf5").pictureInput() == nil)
    }

    /// What another program or a damaged file says is refused by name.
    @Test(arguments: [
        "{}", "[]", #"{"steps": [], "conversion": {"class_name": "twice", "config": {}}}"#,
        #"{"steps": [{"class_name": "Turn", "config": {"width": 3, "height": 2}}], "conversion": {"class_name": "unit"}}"#,
        #"{"steps": [{"class_name": "SimplePreprocessor", "config": {"width": 3, "height": 2, "interpolation": "magic"}}], "conversion": {"class_name": "unit"}}"#,
        #"{"steps": [{"class_name": "CenterCropPreprocessor", "config": {"width": 0, "height": 2}}], "conversion": {"class_name": "unit"}}"#,
        #"{"steps": [{"class_name": "CenterCropPreprocessor", "config": {"width": 3, "height": 1e9}}], "conversion": {"class_name": "unit"}}"#,
        #"{"steps": [{"class_name": "CenterCropPreprocessor", "config": {"width": 3, "height": 2}}], "conversion": {"class_name": "centered", "config": {"mean": [1, 2]}}}"#,
        #"{"steps": [{"class_name": "CenterCropPreprocessor", "config": {"width": 3, "height": 2}}], "conversion": {"class_name": "centered", "config": {"mean": [1, 2, "3"]}}}"#,
        #"{"steps": [{"class_name": "CenterCropPreprocessor", "config": {"width": 4, "height": 2}}], "conversion": {"class_name": "unit"}}"#,
        // A mean of 51 GB.
        #"{"steps": [{"class_name": "CenterCropPreprocessor", "config": {"width": 65500, "height": 65500}}], "conversion": {"class_name": "centered", "config": {"mean": [1, 2, 3]}}}"#,
        #"{"steps": [], "conversion": {"class_name": "reversed", "config": {"means": [1, 2, 3], "divisor": 0}}}"#,
    ])
    func unknownWordsAreRefused(text: String) throws {
        let model = model()
        model.inputDescription = try JSON(parsing: text)
        #expect(throws: ModelFileError.self) { try model.pictureInput() }
    }

    /// Without a step, statistics are those of the model's input.
    @Test func statisticsHaveTheShapeOfTheInput() throws {
        let model = model()
        model.inputDescription = try JSON(
            parsing: #"{"steps": [], "conversion": {"class_name": "centered", "config": {"mean": [1, 2, 3]}}}"#)
        let mean = Tensor(shape: [2, 3, 3], scalars: (0..<18).map { Float(1 + $0 % 3) })
        #expect(try model.pictureInput()?.conversion == .centered(mean: mean))
    }

    /// Scaled and cut as OpenCV does, then converted.
    @Test func aPictureBecomesAnInput() throws {
        let image = Image(height: 2, width: 4, pixels: (0..<24).map { UInt8(10 * $0) })
        let input = PictureInput([.centerCrop(width: 2, height: 2)], conversion: .symmetric)
        let inside = [3, 4, 5, 6, 7, 8, 15, 16, 17, 18, 19, 20]
        let expected = inside.map { Float(10 * $0) / 127.5 - 1 }
        #expect(try input(image) == Tensor(shape: [2, 2, 3], scalars: expected))
        #expect(input.shape == [2, 2, 3])
        #expect(try input.picture(of: image).pixels == inside.map { UInt8(10 * $0) })
        // The middle of a picture in another ratio, wide or high.
        let wide = PictureInput([.cover(width: 1, height: 2)], conversion: .plain)
        #expect(try wide.picture(of: image).pixels == [3, 4, 5, 15, 16, 17].map { UInt8(10 * $0) })
        let flat = PictureInput([.cover(width: 4, height: 1)], conversion: .plain)
        #expect(try flat.picture(of: image).pixels == (0..<12).map { UInt8(10 * $0) })
        #expect(throws: PreprocessingError.self) {
            try input(Image(height: 1, width: 4, pixels: [UInt8](repeating: 0, count: 12)))
        }
    }

    /// Images in memory, scaled ones and stored ones: each kind of batches says how a picture becomes one of its inputs, and a
    /// picture of the stored size becomes the very input of its batch.
    @Test func batchesSayHowTheyAreMade() throws {
        let bytes: [UInt8] = (0..<180).map { UInt8($0 * 37 % 251) }
        let picture = Image(height: 6, width: 5, pixels: Array(bytes.prefix(90)))
        var images = ByteImages(shape: [2, 6, 5, 3], bytes: bytes)
        let scaled = try ResizedBatches(
            images: images, targets: [], width: 8, height: 7, batchSize: 2, shuffle: false, seed: 1)
        #expect(
            try scaled.pictureInput
                == PictureInput(
                    [.cover(width: 5, height: 6), .resize(width: 8, height: 7, interpolation: .linear)],
                    conversion: .unit))
        #expect(
            try scaled.pictureInput?(picture)
                == scaled.batch(epoch: 0, step: 0).inputs[0][rows: 0..<1]
                .reshaped(to: [7, 8, 3]))
        images.conversion = ImageNormalization.channels.conversion(of: images)
        let inMemory = ImageDataGenerator().flow(images, batchSize: 2, shuffle: false)
        #expect(try inMemory.pictureInput?(picture) == images[rows: 0..<1].tensor.reshaped(to: [6, 5, 3]))
        #expect(ImageDataGenerator().flow(images.tensor, batchSize: 2).pictureInput == nil)

        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = "\(folder.path)/images.hdf5"
        let writer = try HDF5DatasetWriter(dims: [2, 6, 5, 3], outputPath: path)
        try writer.add(bytes, labels: [0, 1])
        try writer.close()
        func generator(_ preprocessors: any Preprocessor...) throws -> HDF5DatasetGenerator {
            try HDF5DatasetGenerator(path, batchSize: 2, preprocessors: preprocessors)
        }
        let means = MeanPreprocessor(red: 1.5, green: 20, blue: 0.1)
        let stored = try generator(
            CenterCropPreprocessor(width: 3, height: 4), means, ImageToArrayPreprocessor())
        #expect(
            try stored.pictureInput?(picture)
                == stored.batch(epoch: 0, step: 0).inputs[0][rows: 0..<1].reshaped(to: [4, 3, 3]))
        #expect(
            try generator(SimplePreprocessor(width: 3, height: 4)).pictureInput?.steps == [
                .cover(width: 5, height: 6), .resize(width: 3, height: 4),
            ])
        #expect(try generator(PatchPreprocessor(width: 3, height: 4)).pictureInput == nil)
    }
}
