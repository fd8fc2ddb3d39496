import FixtureSupport
import HDF5
import Imaging
import PyImageSearch
import Tensors
import Testing

/// The book's preprocessors against OpenCV, to the last bit.
@Suite struct PreprocessorFixtureTests {
    /// The picture that `source` names, a photograph `j0` or a synthetic `s0`. Images are compared with blue first;
    /// resizing and cropping treat all channels alike.
    private func picture(_ source: String?) throws -> Image {
        let root = try FixtureFile.images.root()
        let number = source?.last ?? "?"
        return try image(root.dataset(source?.first == "j" ? "jpeg/0\(number)/bgr" : "synthetic/0\(number)"))
    }

    private func image(_ dataset: HDF5Dataset) throws -> Image {
        Image(shape: Shape(dataset.shape), scalars: try dataset.read(as: UInt8.self))
    }

    private struct Case {
        let group: HDF5Group
        let source: String?
        let width: Int
        let height: Int
        let interpolation: Interpolation
        let isMirrored: Bool

        init(_ fixture: FixtureCase) throws {
            let fixture = try fixture.open(), config = fixture.config
            group = fixture.group
            isMirrored = config["horiz"]?.bool == true
            source = config["source"]?.string
            width = try #require(config["width"]?.integer)
            height = try #require(config["height"]?.integer)
            interpolation = config["interpolation"]?.string == "INTER_AREA" ? .area : .linear
        }
    }

    @Test(arguments: try FixtureFile.images.groups(in: "aspect_aware"))
    func aspectAware(_ fixtureCase: FixtureCase) throws {
        let fixture = try Case(fixtureCase)
        let preprocessor = AspectAwarePreprocessor(
            width: fixture.width, height: fixture.height, interpolation: fixture.interpolation)
        let picture = try picture(fixture.source)
        let reference = try image(fixture.group.dataset("result"))
        let isSame = try preprocessor.preprocess(picture) == reference
        #expect(isSame)
        // The same with floats. They lack the rounding to bytes and the weights of 11 bits, twice each.
        let difference = Difference(
            fixtureCase.name, try preprocessor.preprocess(Tensor(picture)), Tensor(reference), absolute: 1.6)
        #expect(difference.isWithinTolerance, "\(difference)")
    }

    @Test(arguments: try FixtureFile.images.groups(in: "crop"))
    func crop(_ fixtureCase: FixtureCase) throws {
        let fixture = try Case(fixtureCase)
        let preprocessor = CropPreprocessor(
            width: fixture.width, height: fixture.height, horizontal: fixture.isMirrored,
            interpolation: fixture.interpolation)
        let picture = try picture(fixture.source)
        let result = try fixture.group.dataset("result")
        let reference = try result.read(as: UInt8.self)
        let crops = try preprocessor.crops(of: picture)
        #expect(crops.count == (fixture.isMirrored ? 10 : 5))
        let isSame = crops.flatMap(\.pixels) == reference
        #expect(isSame)
        // The same with floats, as above, with one resizing instead of two.
        let batch = Tensor(shape: Shape(result.shape), scalars: reference.map(Float.init))
        let difference = Difference(
            fixtureCase.name, try preprocessor.preprocess(Tensor(picture)), batch, absolute: 0.8)
        #expect(difference.isWithinTolerance, "\(difference)")
    }

    @Test(.enabled(if: FixtureFile.images.exists)) func mean() throws {
        let fixture = try FixtureFile.images.group("mean_preprocessor")
        func number(_ name: String) -> Double { fixture.config[name]?.number ?? .nan }
        let preprocessor = MeanPreprocessor(red: number("rMean"), green: number("gMean"), blue: number("bMean"))
        let image = Tensor(try picture(fixture.config["source"]?.string))
        #expect(try preprocessor.preprocess(image.reversed()) == fixture.tensor("result").reversed())
    }
}

extension Tensor {
    /// The three channels in the opposite order.
    fileprivate func reversed() -> Tensor {
        var result = self
        for start in Swift.stride(from: 0, to: count, by: 3) { result.scalars.swapAt(start, start + 2) }
        return result
    }
}

@Suite struct PreprocessorTests {
    private let image = hashUniform("picture", shape: [20, 30, 3], 0, 255)
    private func random(_ index: Int, epoch: Int = 0) -> RandomStream {
        RandomStream(seed: 3, purpose: .preprocessing, epoch: epoch, index: index)
    }

    @Test func simple() throws {
        #expect(try SimplePreprocessor(width: 30, height: 20).preprocess(image) == image)
        let small = try SimplePreprocessor(width: 15, height: 10).preprocess(image)
        #expect(small == image.resized(width: 15, height: 10, interpolation: .area))
        let linear = SimplePreprocessor(width: 7, height: 40, interpolation: .linear)
        #expect(try linear.preprocess(Image(image)).shape == [40, 7, 3])
    }

    @Test func aspectRatiosStay() throws {
        // Stripes along the longer side keep their width, in a picture that is twice as wide as tall.
        var stripes = Tensor(shape: [40, 80, 3])
        for row in 10..<20 { for i in 0..<240 { stripes.scalars[row * 240 + i] = 255 } }
        let result = try AspectAwarePreprocessor(width: 20, height: 20).preprocess(stripes)
        for row in 0..<20 { #expect(result.scalars[row * 60 + 31] == (5..<10 ~= row ? 255 : 0)) }
        for shape in [[1, 500, 3], [500, 1, 3], [49, 49, 3], [1, 1, 1]] as [Shape] {
            for (width, height) in [(1, 1), (64, 64), (5, 90)] {
                let result = try AspectAwarePreprocessor(width: width, height: height)
                    .preprocess(Tensor(repeating: 7, shape: shape))
                #expect(result.shape == [height, width, shape[2]])
                #expect(result.scalars.allSatisfy { abs($0 - 7) < 1e-4 })
            }
        }
    }

    @Test func patchesAreFunctionsOfTheirAddress() throws {
        let patch = PatchPreprocessor(width: 28, height: 17)
        var places: [[Float]: Int] = [:]
        for index in 0..<1_200 {
            let result = try patch.preprocess(image, random: random(index))
            #expect(result.shape == [17, 28, 3])
            places[Array(result.scalars[..<3]), default: 0] += 1
        }
        // There are four rows and three columns to begin at. Each of the twelve places comes about a hundred times.
        let starts = Set(
            (0...3).flatMap { row in
                (0...2).map { column in Array(image.scalars[(row * 30 + column) * 3..<(row * 30 + column) * 3 + 3]) }
            })
        #expect(Set(places.keys) == starts && places.values.allSatisfy { 60...140 ~= $0 })

        let (a, b) = (try patch.preprocess(image, random: random(5)), try patch.preprocess(image, random: random(5)))
        #expect(a == b)
        let epochs = try (0..<10).map { try patch.preprocess(image, random: random(5, epoch: $0)).scalars[0] }
        #expect(Set(epochs).count > 1)
        let whole = PatchPreprocessor(width: 30, height: 20)
        #expect(try whole.preprocess(image, random: random(0)) == image)
    }

    @Test func chains() throws {
        let chain: [any Preprocessor] = [
            SimplePreprocessor(width: 15, height: 10), MeanPreprocessor(red: 1, green: 2, blue: 3),
            ImageToArrayPreprocessor(),
        ]
        let result = try chain.preprocess(image, random: random(0))
        let small = image.resized(width: 15, height: 10, interpolation: .area)
        #expect(result.shape == small.shape)
        for (i, value) in result.scalars.enumerated() { #expect(value == small.scalars[i] - Float(1 + i % 3)) }
        #expect(ImageToArrayPreprocessor().preprocess(Image(small)) == Tensor(Image(small)))
    }

    @Test func whatIsNoImage() throws {
        let chain: [any Preprocessor] = [
            SimplePreprocessor(width: 2, height: 2), AspectAwarePreprocessor(width: 2, height: 2),
            MeanPreprocessor(red: 0, green: 0, blue: 0), PatchPreprocessor(width: 2, height: 2),
            ImageToArrayPreprocessor(),
        ]
        for shape in [[3, 3], [0, 5, 3], [1, 5, 5, 3], []] as [Shape] {
            for step in chain {
                #expect(throws: PreprocessingError.notAnImage(shape)) {
                    try step.preprocess(Tensor(shape: shape), random: random(0))
                }
            }
            #expect(throws: PreprocessingError.notAnImage(shape)) {
                try CropPreprocessor(width: 2, height: 2).preprocess(Tensor(shape: shape))
            }
        }
        #expect(throws: PreprocessingError.differentChannels(expected: 3, [2, 2, 1])) {
            try MeanPreprocessor(red: 0, green: 0, blue: 0).preprocess(Tensor(shape: [2, 2, 1]))
        }
        #expect(throws: PreprocessingError.tooSmall(width: 31, height: 20, [20, 30, 3])) {
            try PatchPreprocessor(width: 31, height: 20).preprocess(image, random: random(0))
        }
        #expect(throws: PreprocessingError.tooSmall(width: 30, height: 21, [20, 30, 3])) {
            try CropPreprocessor(width: 30, height: 21).preprocess(image)
        }
    }
}
