import FixtureSupport
import Foundation
import Imaging
import NeuralNetwork
import ScikitLearn
import System
import Tensors
import Testing
@testable import PyImageSearch

/// Pictures in folders by class, and the collections that the book takes from the web.
@Suite struct PictureDatasetTests {
    private static let png: [UInt8] = (try? Image(height: 6, width: 9, pixels: (0..<162).map { UInt8($0) }).png()) ?? []

    private func error(_ body: () throws -> PictureDataset) -> String {
        do {
            _ = try body()
            return ""
        } catch { return "\(error)" }
    }

    @Test func theClassesAreTheFoldersInAlphabeticalOrder() throws {
        let folder = try TemporaryFolder()
        for name in ["b/2.png", "b/1.JPG", "a/x.jpeg", "a/y.png", "a/.DS_Store", "a/notes.txt", "c/3.png", "c/4.png"] {
            try folder.write([], to: name)
        }
        let pictures = try PictureDataset(folder: folder.path, leavingOut: ["c"])
        #expect(pictures.classNames == ["a", "b"] && pictures.labels == [0, 0, 1, 1] && pictures.count == 4)
        #expect(pictures.names == ["a/x.jpeg", "a/y.png", "b/1.JPG", "b/2.png"].map { "\(folder.path)/\($0)" })
        #expect("\(pictures.passedOver)".contains("1 hidden") && "\(pictures.passedOver)".contains(".txt"))
        let some = pictures.gathered(rows: [3, 0]).gathered(rows: [1])
        #expect(some.labels == [0] && some.names == [pictures.names[0]])
    }

    @Test func aClassNeedsTwoPictures() throws {
        let folder = try TemporaryFolder()
        for name in ["a/1.png", "a/2.png", "b/1.png"] { try folder.write([], to: name) }
        #expect(error { try PictureDataset(folder: folder.path) }.hasPrefix("\(folder.path)/b has 1 JPEG or PNG file;"))
        try FileManager.default.removeItem(atPath: "\(folder.path)/b/1.png")
        #expect(
            error { try PictureDataset(folder: folder.path) }.hasPrefix("\(folder.path)/b has 0 JPEG or PNG files;"))
        try FileManager.default.removeItem(atPath: "\(folder.path)/b")
        #expect(error { try PictureDataset(folder: folder.path) }.hasPrefix("\(folder.path) has 1 folder of pictures"))
    }

    // MARK: - Flowers-17

    private func makeFlowers(_ folder: TemporaryFolder, in place: String, without missing: Int? = nil) throws {
        for number in 1...1360 where number != missing {
            try folder.write([], to: "\(place)/image_" + String(format: "%04d", number) + ".jpg")
        }
    }

    /// The book has flowers17/bluebell/image_0241.jpg.
    @Test(arguments: ["jpg", "images", "."])
    func theNumberOfAFlowerTellsItsSpecies(place: String) throws {
        let folder = try TemporaryFolder()
        try makeFlowers(folder, in: place)
        try folder.write([], to: "\(place)/files.txt")
        let flowers = try Flowers17.list(folder.path)
        #expect(
            flowers.count == 1360 && flowers.classNames.count == 17 && flowers.classNames == flowers.classNames.sorted()
        )
        #expect(flowers.classNames[0] == "bluebell" && flowers.labels == (0..<1360).map { $0 / 80 })
        #expect(flowers.names[0].hasSuffix("/image_0241.jpg") && flowers.names[79].hasSuffix("/image_0320.jpg"))
        // The number of each species' first picture.
        let first = [
            "daffodil": 1, "snowdrop": 81, "lilyvalley": 161, "bluebell": 241, "crocus": 321, "iris": 401,
            "tigerlily": 481, "tulip": 561, "fritillary": 641, "sunflower": 721, "daisy": 801, "coltsfoot": 881,
            "dandelion": 961, "cowslip": 1041, "buttercup": 1121, "windflower": 1201, "pansy": 1281,
        ]
        for (label, name) in flowers.classNames.enumerated() {
            let number = try #require(first[name])
            #expect(flowers.names[label * 80].hasSuffix(String(format: "/image_%04d.jpg", number)), "\(name)")
        }
    }

    /// The numbers of test images of the book's 17 species, in its report, are those of this split, at other species.
    @Test func theSplitIsTheBooksButForTheOrderOfTheSpecies() throws {
        let folder = try TemporaryFolder()
        try makeFlowers(folder, in: "jpg")
        let flowers = try Flowers17.list(folder.path)
        let split = try trainTestSplit(flowers.count, testSize: 0.25, randomState: 42)
        let supports = (0..<17).map { label in split.test.count { flowers.labels[$0] == label } }
        #expect(supports.sorted() == [18, 20, 20, 18, 20, 27, 20, 23, 22, 21, 15, 19, 23, 23, 19, 16, 16].sorted())
    }

    @Test func flowersInFoldersAreTheSameClasses() throws {
        let folder = try TemporaryFolder()
        for name in Flowers17.numberedClasses {
            for number in 1...3 { try folder.write([], to: "images/\(name)/image_\(number).jpg") }
        }
        let flowers = try Flowers17.list(folder.path)
        #expect(flowers.classNames == Flowers17.numberedClasses.sorted() && flowers.count == 51)
    }

    @Test func aMissingFlowerIsNamed() throws {
        let folder = try TemporaryFolder()
        try makeFlowers(folder, in: "jpg", without: 700)
        #expect(error { try Flowers17.list(folder.path) }.contains("jpg has no image_0700.jpg"))
    }

    // MARK: - Where collections are

    @Test func aCollectionIsLookedForWhereDataSetsAre() throws {
        let (home, data) = (try TemporaryFolder(), try TemporaryFolder())
        for name in ["cats", "dogs", "panda"] {
            for number in 1...2 { try data.write([], to: "animals/images/\(name)/\(number).jpg") }
        }
        let environment = ["HOME": home.path, "PYIMAGESEARCH_DATA": data.path]
        #expect(try Animals.list(nil, environment: environment).classNames == ["cats", "dogs", "panda"])
        let message = error { try Flowers17.list(nil, environment: environment) }
        for word in ["Flowers-17 is in none of \(data.path), data, \(home.path)/", "17flowers.tgz", "image_1360.jpg"] {
            #expect(message.contains(word), "\(message)")
        }
        #expect(!message.contains("\n"))
        #expect(
            error { try Caltech101.list(data.path) }.hasPrefix("\(data.path) is not CALTECH-101; expected are the 101"))
        #expect(error { try Caltech101.list("\(data.path)/no") }.hasPrefix("\(data.path)/no does not exist"))
        #expect(try Flowers17.recognized(in: data.path) == nil)
    }

    @Test func caltechLeavesItsBackgroundOut() throws {
        let folder = try TemporaryFolder()
        let classes = ["Faces", "Faces_easy"] + (1...99).map { "kind\($0)" }
        for name in classes + ["BACKGROUND_Google"] {
            for number in 1...2 { try folder.write([], to: "101_ObjectCategories/\(name)/\(number).jpg") }
        }
        let pictures = try Caltech101.list(folder.path)
        #expect(pictures.classNames.count == 101 && !pictures.classNames.contains("BACKGROUND_Google"))
    }

    // MARK: - Reading

    @Test(arguments: [1, 3])
    func allPicturesGoThroughTheSameSteps(jobs: Int) throws {
        let folder = try TemporaryFolder()
        let wide = Image(height: 20, width: 40, pixels: (0..<2400).map { UInt8($0 % 256) })
        for number in 0..<70 { try folder.write(Self.png, to: "a/\(100 + number).png") }
        for number in 0..<2 { try folder.write(wide.png(), to: "b/\(number).png") }
        let pictures = try PictureDataset(folder: folder.path)
        let aap = AspectAwarePreprocessor(width: 8, height: 8)
        let images = try SimpleDatasetLoader([aap], jobs: jobs).load(pictures)
        #expect(images.shape == [72, 8, 8, 3])
        #expect(images.image(71) == (try aap.preprocess(wide)))
        #expect(images.image(0) == images.image(69))
    }

    @Test func aPictureThatCannotBeReadIsNamed() throws {
        let folder = try TemporaryFolder()
        for name in ["a/1.png", "a/2.png", "b/1.png"] { try folder.write(Self.png, to: name) }
        try folder.write([1, 2, 3], to: "b/2.png")
        let pictures = try PictureDataset(folder: folder.path)
        #expect {
            _ = try SimpleDatasetLoader([SimplePreprocessor(width: 4, height: 4)]).load(pictures)
        } throws: {
            "\($0)".contains("\(folder.path)/b/2.png")
        }
        try folder.write(Image(height: 2, width: 2, pixels: [UInt8](repeating: 0, count: 12)).png(), to: "b/2.png")
        #expect {
            _ = try SimpleDatasetLoader([]).load(pictures)
        } throws: {
            "\($0)".hasPrefix("\(folder.path)/b/2.png has the shape (2, 2, 3)")
        }
    }

    // MARK: - Drawn pictures

    @Test func drawnPicturesFollowFromTheSeed() throws {
        let pictures = Shapes10.pictures(20, width: 50, height: 40, seed: 3)
        #expect(pictures.labels == (0..<20).map { $0 / 2 } && pictures.classNames == Shapes10.classNames.sorted())
        let picture = try pictures.picture(5)
        #expect(picture.width == 50 && picture.height == 40)
        #expect(picture == (try Shapes10.pictures(20, width: 50, height: 40, seed: 3).picture(5)))
        #expect(picture != (try Shapes10.pictures(20, width: 50, height: 40, seed: 4).picture(5)))
        #expect(picture != (try pictures.picture(4)))
        #expect(Shapes10.pictures(10, kinds: 0..<5, width: 8, height: 8).classNames.count == 5)
    }

    /// A circle is as wide as it is high, at any size, and within the middle square.
    @Test(arguments: [(32, 32), (80, 64), (64, 80)])
    func theShapeIsNotStretched(width: Int, height: Int) throws {
        let kind = try #require(Shapes10.classNames.firstIndex(of: "circle"))
        let picture = try Shapes10.pictures(1, kinds: kind..<kind + 1, width: width, height: height, seed: 7).picture(0)
        let square = try Shapes10.pictures(1, kinds: kind..<kind + 1, width: 64, height: 64, seed: 7).picture(0)
        let cut = try AspectAwarePreprocessor(width: 32, height: 32).preprocess(picture)
        let small = try SimplePreprocessor(width: 32, height: 32).preprocess(square)
        let difference = zip(cut.pixels, small.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(Double(difference) / Double(cut.pixels.count) < 12)
    }
}

/// What becomes of the bytes of a picture that a trained network sees.
@Suite struct PretrainedInputTests {
    /// Pillow's columns for these sizes.
    @Test(arguments: [
        (5, 3, [0, 2, 4]), (3, 5, [0, 0, 1, 2, 2]), (10, 7, [0, 2, 3, 5, 6, 7, 9]),
        (7, 10, [0, 1, 1, 2, 3, 3, 4, 5, 5, 6]),
    ])
    func nearestExactIsPillowsNearest(old: Int, new: Int, expected: [Int]) {
        let row = Image(height: 1, width: old, pixels: (0..<old).flatMap { [UInt8($0), 0, 0] })
        let resized = row.resized(width: new, height: 1, interpolation: .nearestExact)
        #expect(stride(from: 0, to: resized.pixels.count, by: 3).map { Int(resized.pixels[$0]) } == expected)
    }

    /// Sums of Pillow's columns for the sizes of networks.
    @Test(arguments: [(500, 224, 55888), (333, 224, 37184), (299, 227, 33823)])
    func nearestExactIsPillowsNearestAtRealSizes(old: Int, new: Int, sum: Int) {
        let row = Tensor(shape: [1, old, 1], scalars: (0..<old).map(Float.init))
        let resized = row.resized(width: new, height: 1, interpolation: .nearestExact)
        #expect(Int(resized.scalars.reduce(0, +)) == sum)
    }

    @Test func theNormalizationsOfTrainedNetworksPutBlueFirst() throws {
        let images = ByteImages(shape: [1, 1, 2, 3], bytes: [10, 20, 30, 255, 0, 128])
        func floats(_ normalization: ImageNormalization) -> [Float] {
            var images = images
            images.conversion = normalization.conversion(of: images)
            return images.tensor.scalars
        }
        #expect(floats(.unit) == [10, 20, 30, 255, 0, 128].map { $0 / 255 })
        #expect(floats(.unitBGR) == [30, 20, 10, 128, 0, 255].map { $0 / 255 })
        let step = try ImageNetPreprocessor().preprocess(Tensor(images.image(0)))
        #expect(floats(.imageNet) == step.scalars)
    }

    /// The body's output for what the network was trained with, flattened.
    @Test func featuresAreThoseOfTheNormalizedPictures() throws {
        let input = Input(shape: [4, 4, 3])
        let body = Model(inputs: [input], outputs: [Conv2D(2, kernelSize: (3, 3))(input)])
        try body.move(to: TestBackend.onednn.backend)
        let network = try PretrainedNetwork(body: body, name: "n", title: "t", normalization: .imageNet)
        let images = ByteImages(shape: [3, 4, 4, 3], bytes: (0..<144).map { UInt8($0 * 53 % 256) })
        let prepared = try (0..<3).map { try ImageNetPreprocessor().preprocess(Tensor(images.image($0))).scalars }
        let expected = try body.predict(Tensor(shape: [3, 4, 4, 3], scalars: Array(prepared.joined())), batchSize: 2)
        let features = try network.features(of: images, batchSize: 2)
        #expect(features.shape == [3, 8] && features.scalars == expected.scalars)
    }

    @Test func onlySquaresOfThreeChannelsAreTaken() throws {
        for shape: Shape in [[4, 5, 3], [4, 4, 1], [12]] {
            let input = Input(shape: shape)
            let body = Model(inputs: [input], outputs: [Flatten()(input)])
            #expect(throws: ModelFileError.self) {
                try PretrainedNetwork(body: body, name: "n", title: "t", normalization: .unit)
            }
        }
    }

    /// The classifier's own input, wherever another branch stands in the order of the layers.
    @Test func aNetworkWithoutItsClassifierEndsBeforeIt() throws {
        let input = Input(shape: [6])
        let hidden = Dense(5, name: "hidden")(input), branch = Dense(3, name: "branch")(hidden)
        let model = Model(inputs: [input], outputs: [Activation(.relu)(branch), Dense(2, name: "classes")(hidden)])
        try model.move(to: TestBackend.onednn.backend)
        #expect(try model.withoutClassifier().outputs[0].shape == [5])
        let plain = MiniVGGNet.build(width: 32, height: 32, depth: 3, classes: 10)
        try plain.move(to: TestBackend.onednn.backend)
        #expect(try plain.withoutClassifier().outputs[0].shape == [512])
    }

    @Test func theFeaturesOfTheSmallNetworkFollowFromTheSeed() throws {
        func network(_ seed: UInt64) throws -> PretrainedNetwork {
            try PretrainedNetwork(
                trainedOnDrawings: seed, drawings: 64, backend: TestBackend.onednn.backend, verbose: false)
        }
        let (one, same, other) = (try network(1), try network(1), try network(2))
        #expect(one.side == 32 && one.featureCount == 8 * 8 * 64 && one.normalization == .unit)
        let pictures = try SimpleDatasetLoader([]).load(Shapes10.pictures(10, width: 32, height: 32))
        let features = try one.features(of: pictures, batchSize: 4)
        #expect(features.shape == [10, 4096])
        #expect(features == (try same.features(of: pictures, batchSize: 4)))
        #expect(features != (try other.features(of: pictures, batchSize: 4)))
    }
}
