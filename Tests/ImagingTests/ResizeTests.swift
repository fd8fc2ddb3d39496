import FixtureSupport
import HDF5
import Imaging
import Tensors
import Testing

@Suite struct ResizeFixtureTests {
    /// The reference cases: photographs `j0` and so on, and synthetic pictures `s0` and so on. Resizing treats all
    /// channels the same way, so blue stays first.
    @Test(arguments: try FixtureFile.images.groups(in: "resize"))
    func referenceCasesAgree(_ fixtureCase: FixtureCase) throws {
        let root = try FixtureFile.images.root()
        let group = try fixtureCase.open().group
        let source = try #require(try group.attributes.string("source"))
        let number = source.last ?? "?"
        let interpolation = try #require(try group.attributes.string("interpolation"))
        try check(
            root.dataset(source.hasPrefix("j") ? "jpeg/0\(number)/bgr" : "synthetic/0\(number)"),
            becomes: group.dataset("result"),
            by: #require(["INTER_AREA": .area, "INTER_LINEAR": .linear][interpolation]),
            isFloat: group.attributes.string("dtype") == "float32", within: 1e-3)
    }

    /// Shrinking, growing, one of each, whole factors, sides of one pixel.
    @Test(arguments: try OpenCV.group("resize").names(), Interpolation.allCases.filter { $0 != .nearestExact })
    func everySizeAgreesWithOpenCV(name: String, interpolation: Interpolation) throws {
        let group = try OpenCV.group("resize/\(name)")
        try check(
            group.dataset("source"), becomes: group.dataset(interpolation.rawValue), by: interpolation,
            isFloat: name.hasSuffix("float32"), within: 1e-4)
    }

    /// Blocks of a million pixels, whose sum a float does not hold. OpenCV counts bytes.
    @Test(arguments: [(1000, 200), (1024, 100), (1024, 101), (1024, 254), (600, 201), (512, 203)])
    func largeBlocksKeepTheirColor(side: Int, color: Int) {
        let pixels = [UInt8](repeating: UInt8(color), count: side * side * 3)
        let image = Image(height: side, width: side, pixels: pixels)
        #expect(
            image.resized(width: 1, height: 1, interpolation: .area).pixels
                == [UInt8](repeating: UInt8(color), count: 3))
    }

    /// Bytes must be equal. Floats may differ by a few units in the last place, because OpenCV's vector code rounds sums
    /// differently, and by a few more if a side of one pixel becomes long.
    private func check(
        _ source: HDF5Dataset, becomes reference: HDF5Dataset, by interpolation: Interpolation, isFloat: Bool,
        within tolerance: Double
    ) throws {
        let (height, width) = (reference.shape[0], reference.shape[1])
        if isFloat {
            let result = try tensor(source).resized(width: width, height: height, interpolation: interpolation)
            let difference = Difference("resize", result, try tensor(reference), absolute: tolerance)
            #expect(difference.isWithinTolerance, "\(difference)")
        } else {
            let result = try image(source).resized(width: width, height: height, interpolation: interpolation)
            let isSame = try result == image(reference)
            #expect(isSame)
        }
    }

    private func tensor(_ dataset: HDF5Dataset) throws -> Tensor {
        Tensor(shape: Shape(dataset.shape), scalars: try dataset.read(as: Float.self))
    }

    private func image(_ dataset: HDF5Dataset) throws -> Image {
        Image(shape: Shape(dataset.shape), scalars: try dataset.read(as: UInt8.self))
    }
}

@Suite struct ResizeTests {
    private func picture(_ height: Int, _ width: Int, _ channels: Int = 3) -> Tensor {
        hashUniform("picture", shape: [height, width, channels], 0, 255)
    }

    @Test(arguments: Interpolation.allCases)
    func theSameSizeGivesTheSamePixels(interpolation: Interpolation) {
        let image = picture(9, 14)
        #expect(image.resized(width: 14, height: 9, interpolation: interpolation) == image)
        #expect(Image(image).resized(width: 14, height: 9, interpolation: interpolation) == Image(image))
    }

    @Test(arguments: Interpolation.allCases, [(3, 5), (30, 41), (7, 60), (60, 7), (1, 1), (24, 24)])
    func oneColorStaysTheSame(interpolation: Interpolation, size: (height: Int, width: Int)) {
        let image = Image(height: 24, width: 24, pixels: (0..<24 * 24).flatMap { _ in [UInt8(7), 200, 255] })
        let result = image.resized(width: size.width, height: size.height, interpolation: interpolation)
        #expect(result.shape == [size.height, size.width, 3])
        for start in stride(from: 0, to: result.pixels.count, by: 3) {
            #expect(result.pixels[start..<start + 3] == [7, 200, 255])
        }
    }

    /// What Pillow 13.0.0 made of a row with its `NEAREST`: which old pixel lies under each new pixel's center. Of the
    /// centers on an edge, it gives those in `before` the pixel in front of the edge.
    @Test(arguments: [
        (640, 224, [17, 24, 101, 108, 115, 122, 129, 136, 143, 150, 157, 164, 171, 178, 185, 192, 199, 206, 213, 220]),
        (576, 224, [24, 31, 38, 45, 52, 136, 143, 150, 157, 164, 171, 178, 185, 192, 199, 206, 213, 220]),
        (704, 224, [31, 38, 45, 52, 59, 66, 73, 80, 87, 220]), (256, 227, [113]), (30, 227, [113]), (500, 224, []),
        (12, 7, []), (448, 224, []),
    ])
    func pixelsUnderCentersArePillows(old: Int, new: Int, before: [Int]) {
        let places = (0..<new).map { (2 * $0 + 1) * old / (2 * new) - (before.contains($0) ? 1 : 0) }
        let ramp = Tensor(shape: [1, old, 1], scalars: (0..<old).map(Float.init))
        let row = ramp.resized(width: new, height: 1, interpolation: .nearestExact)
        #expect(row.scalars == places.map(Float.init))
        let column = Tensor(shape: [old, 1, 1], scalars: ramp.scalars)
            .resized(width: 1, height: new, interpolation: .nearestExact)
        #expect(column.scalars == row.scalars)
    }

    @Test func areaKeepsTheMean() {
        let image = picture(48, 36, 1)
        for (height, width) in [(24, 18), (16, 36), (31, 17), (5, 5)] {
            let result = image.resized(width: width, height: height, interpolation: .area)
            let means = [image, result].map { $0.scalars.reduce(0) { $0 + Double($1) } / Double($0.count) }
            #expect(abs(means[0] - means[1]) < 1e-3)
        }
    }

    /// Three channels of a row are added up at once, and one channel alone is not: the bits are the same.
    @Test(arguments: [(31, 17), (5, 5), (47, 35), (48, 35), (20, 36), (1, 1), (30, 12)])
    func channelsDoNotMix(size: (height: Int, width: Int)) {
        func shrunk(_ image: Tensor) -> Tensor {
            image.resized(width: size.width, height: size.height, interpolation: .area)
        }
        let image = picture(48, 36)
        let floats = shrunk(image),
            bytes = Image(image).resized(
                width: size.width, height: size.height, interpolation: .area)
        for channel in 0..<3 {
            let alone = Tensor(
                shape: [48, 36, 1], scalars: stride(from: channel, to: image.count, by: 3).map { image.scalars[$0] })
            let places = stride(from: channel, to: floats.count, by: 3)
            #expect(shrunk(alone).scalars == places.map { floats.scalars[$0] })
            let byte = Image(
                Tensor(shape: [48, 36, 3], scalars: alone.scalars.flatMap { [$0, $0, $0] })
            ).resized(width: size.width, height: size.height, interpolation: .area)
            #expect(places.map { byte.pixels[$0] } == places.map { bytes.pixels[$0] })
        }
    }

    /// Pixels around an infinite one stay as they are: it takes no part in them, not even with a weight of 0.
    @Test func infinityStaysWhereItIs() {
        for column in 0..<36 {
            var image = picture(48, 36)
            image.scalars[(20 * 36 + column) * 3] = .infinity
            let result = image.resized(width: 25, height: 31, interpolation: .area)
            #expect(result.scalars.allSatisfy { !$0.isNaN })
            #expect((1...4).contains(result.scalars.count { $0 == .infinity }))
        }
    }

    @Test func mirrorsCommuteWithWholeFactors() {
        let image = Image(picture(24, 36))
        for interpolation in [Interpolation.area, .linear] {
            let (a, b) = (
                image.mirrored().resized(width: 12, height: 8, interpolation: interpolation),
                image.resized(width: 12, height: 8, interpolation: interpolation).mirrored()
            )
            #expect(a == b)
        }
    }

    @Test func cropsAndMirrors() {
        let image = Tensor(shape: [2, 3, 2], scalars: (0..<12).map(Float.init))
        #expect(image.mirrored().scalars == [4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7])
        #expect(image.mirrored().mirrored() == image)
        let part = image.cropped(rows: 1..<2, columns: 1..<3)
        #expect(part == Tensor(shape: [1, 2, 2], scalars: [8, 9, 10, 11]))
        #expect(image.cropped(rows: 0..<2, columns: 0..<3) == image)
    }
}
