import FixtureSupport
import Imaging
import NeuralNetwork
import PyImageSearch
import Tensors
import Testing

/// Every case of augmentation.hdf5. The warp takes the matrix, whichever generation of Keras composed it.
@Suite struct AugmentationFixtureTests {
    @Test(arguments: try FixtureFile.augmentation.groups(in: "cases"), ["", "_keras224"])
    func warp(_ fixtureCase: FixtureCase, generation: String) throws {
        let fixture = try fixtureCase.open()
        let numbers = (fixture.config["output_to_input_matrix\(generation)"]?.array ?? []).compactMap(\.number)
        #expect(numbers.count == 6)
        let transform = AffineTransform(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])
        let image = try image(fixture)
        var generator = ImageDataGenerator()
        generator.fillMode = try fillMode(fixture)
        let change = ImageDataGenerator.Change(
            transform: transform, isMirrored: fixture.config["flip_horizontal"]?.bool == true,
            isUpsideDown: fixture.config["flip_vertical"]?.bool == true)
        let result = generator.apply(change, to: image)
        let difference = Difference(
            "\(fixtureCase)\(generation)", result, try fixture.tensor("result\(generation)"), absolute: 1e-2)
        #expect(difference.isWithinTolerance, "\(difference)")
    }

    /// Our matrix is composed as in Keras 3, with rows and columns in the right places. Exchanging rows and columns,
    /// and the sides of the image, gives Keras's matrix.
    @Test(arguments: try FixtureFile.augmentation.groups(in: "cases"))
    func composition(_ fixtureCase: FixtureCase) throws {
        let fixture = try fixtureCase.open()
        func number(_ key: String) -> Double { fixture.config[key]?.number ?? .nan }
        let numbers = (fixture.config["output_to_input_matrix"]?.array ?? []).compactMap(\.number)
        let shape = try image(fixture).shape
        var transform =
            AffineTransform.rotation(degrees: number("theta"))
            * .shift(rows: number("tx"), columns: number("ty")) * .shear(degrees: number("shear"))
            * .zoom(rows: number("zx"), columns: number("zy"))
        if transform != .identity { transform = transform.centered(height: shape[0], width: shape[1]) }
        let exchanged = [transform.e, transform.d, transform.f, transform.b, transform.a, transform.c]
        for (a, b) in zip(exchanged, numbers) {
            #expect(abs(a - b) < 1e-9, "\(fixtureCase): \(exchanged), not \(numbers)")
        }
    }

    private func image(_ fixture: FixtureGroup) throws -> Tensor {
        let number = fixture.config["image"]?.integer ?? 0
        let images = try FixtureFile.augmentation.root().group("images")
        let dataset = try images.dataset(number < 10 ? "0\(number)" : "\(number)")
        return Tensor(shape: Shape(dataset.shape), scalars: try dataset.read(as: Float.self))
    }

    private func fillMode(_ fixture: FixtureGroup) throws -> FillMode {
        switch fixture.config["fill_mode"]?.string {
        case "nearest": .nearest
        case "reflect": .reflect
        case "wrap": .wrap
        case "constant": .constant(Float(fixture.config["cval"]?.number ?? 0))
        default: throw DatasetError("fill mode \(fixture.config["fill_mode"]?.string ?? "?") is not known here")
        }
    }
}

@Suite struct ImageDataGeneratorTests {
    /// A picture whose pixels encode their position: red the row, green the column.
    private let picture: Tensor = {
        var image = Tensor(repeating: 0, shape: [9, 7, 3])
        for i in 0..<9 {
            for j in 0..<7 {
                image.scalars[(i * 7 + j) * 3] = Float(i)
                image.scalars[(i * 7 + j) * 3 + 1] = Float(j)
            }
        }
        return image
    }()

    private func pixel(_ image: Tensor, _ row: Int, _ column: Int) -> [Float] {
        Array(image.scalars[(row * 7 + column) * 3..<(row * 7 + column) * 3 + 2])
    }

    @Test func heightShiftMovesRowsAndWidthShiftColumns() {
        let generator = ImageDataGenerator()
        func moved(_ rows: Double, _ columns: Double) -> Tensor {
            let transform = AffineTransform.shift(rows: rows, columns: columns).centered(height: 9, width: 7)
            return generator.apply(.init(transform: transform, isMirrored: false, isUpsideDown: false), to: picture)
        }
        // Reading from below moves the content up.
        #expect(pixel(moved(2, 0), 3, 4) == [5, 4])
        #expect(pixel(moved(0, 2), 3, 1) == [3, 3])
        // The nearest pixel fills what is uncovered.
        #expect(pixel(moved(2, 0), 8, 4) == [8, 4])
    }

    @Test func rotationAndZoomKeepTheCenter() {
        let generator = ImageDataGenerator()
        for transform in [AffineTransform.rotation(degrees: 37), .zoom(rows: 0.8, columns: 1.3)] {
            let change = ImageDataGenerator.Change(
                transform: transform.centered(height: 9, width: 7), isMirrored: false, isUpsideDown: false)
            let center = pixel(generator.apply(change, to: picture), 4, 3)
            #expect(abs(center[0] - 4) < 1e-5 && abs(center[1] - 3) < 1e-5)
        }
    }

    @Test func mirrorsExchangeSides() {
        let generator = ImageDataGenerator()
        let mirrored = generator.apply(
            .init(transform: .identity, isMirrored: true, isUpsideDown: false), to: picture)
        #expect(pixel(mirrored, 2, 0) == [2, 6])
        let upsideDown = generator.apply(
            .init(transform: .identity, isMirrored: false, isUpsideDown: true), to: picture)
        #expect(pixel(upsideDown, 0, 5) == [8, 5])
    }

    @Test func drawsStayInTheirRanges() {
        let generator = ImageDataGenerator(
            rotationRange: 18, widthShiftRange: 0.2, heightShiftRange: 3, zoomRange: 0.15, horizontalFlip: true)
        var flips = 0
        for index in 0..<2_000 {
            let change = generator.randomChange(seed: 1, epoch: 0, index: index, height: 40, width: 20)
            // The determinant is that of the zoom, because rotation, shift and mirror keep areas.
            let m = change.transform
            let determinant = m.a * m.e - m.b * m.d
            #expect(determinant > 0.85 * 0.85 - 1e-9 && determinant < 1.15 * 1.15 + 1e-9)
            flips += change.isMirrored ? 1 : 0
            #expect(!change.isUpsideDown)
        }
        #expect((900...1_100).contains(flips))

        let shifts = ImageDataGenerator(widthShiftRange: 0.2, heightShiftRange: 3)
        let changes = (0..<2_000).map { shifts.randomChange(seed: 1, epoch: 0, index: $0, height: 40, width: 20) }
        #expect(changes.allSatisfy { abs($0.transform.c) <= 3 && abs($0.transform.f) <= 4 })
        #expect(changes.contains { abs($0.transform.c) > 2.9 } && changes.contains { abs($0.transform.f) > 3.9 })
    }

    /// Shifts by whole pixels interpolate nothing: every pixel of the result is a pixel of the image.
    @Test func shiftsByWholePixelsInterpolateNothing() throws {
        let generator = ImageDataGenerator(
            widthShiftRange: 2, heightShiftRange: 0.1, shiftsByWholePixels: true, horizontalFlip: true,
            fillMode: .reflect)
        var counts: [Int: Int] = [:]
        for index in 0..<3_000 {
            let change = generator.randomChange(seed: 1, epoch: 0, index: index, height: 32, width: 32)
            let (rows, columns) = (change.transform.c, change.transform.f)
            #expect(rows == rows.rounded() && abs(rows) <= 3 && columns == columns.rounded())
            counts[Int(columns), default: 0] += 1
        }
        #expect(counts.keys.sorted() == [-2, -1, 0, 1, 2])
        #expect(counts.values.allSatisfy { (500...700).contains($0) })

        let image = Tensor(shape: [32, 32, 1], scalars: (0..<1024).map { Float($0) + 0.25 })
        for index in 0..<20 {
            let change = generator.randomChange(seed: 1, epoch: 0, index: index, height: 32, width: 32)
            #expect(Set(generator.apply(change, to: image).scalars).isSubset(of: Set(image.scalars)))
        }
    }

    /// A square whose center may be any pixel becomes 0; what lies outside of the image is left out.
    @Test func cutoutErasesASquare() {
        let generator = ImageDataGenerator(cutout: 4), image = Tensor(repeating: 7, shape: [9, 7, 3])
        var centers: Set<[Int]> = []
        for index in 0..<1_000 {
            let change = generator.randomChange(seed: 3, epoch: 0, index: index, height: 9, width: 7)
            let (rows, columns) = (change.erasedRows, change.erasedColumns)
            #expect((2...4).contains(rows.count) && (2...4).contains(columns.count))
            centers.insert([rows.lowerBound, rows.upperBound, columns.lowerBound, columns.upperBound])
            let erased = generator.apply(change, to: image)
            for row in 0..<9 {
                for column in 0..<7 {
                    let isErased = rows.contains(row) && columns.contains(column)
                    #expect(pixel(erased, row, column) == (isErased ? [0, 0] : [7, 7]))
                }
            }
        }
        #expect(centers.count == 9 * 7)
        let all = ImageDataGenerator(cutout: .max).randomChange(seed: 3, epoch: 0, index: 0, height: 9, width: 7)
        #expect(all.erasedRows == 0..<9 && all.erasedColumns == 0..<7)
        // Records and checkpoints from before do not name it.
        #expect(generator.described["config"]?["cutout"] == 4)
        #expect(ImageDataGenerator().described["config"]?["cutout"] == nil)
        let nearest = ImageDataGenerator(interpolationOrder: .nearest).described["config"]
        #expect(nearest?["interpolation_order"] == 0)
        #expect(ImageDataGenerator().described["config"]?["interpolation_order"] == nil)
        #expect(ImageDataGenerator().randomChange(seed: 3, epoch: 0, index: 0, height: 9, width: 7).erasedRows.isEmpty)
    }

    /// The rows and columns that a caller erases may lie outside of the image.
    @Test func whatIsErasedEndsWithTheImage() {
        let change = ImageDataGenerator.Change(
            transform: .identity, isMirrored: false, isUpsideDown: false, erasedRows: 7..<100, erasedColumns: -5..<2)
        let erased = ImageDataGenerator().apply(change, to: Tensor(repeating: 7, shape: [9, 7, 3]))
        #expect(erased.scalars.count { $0 == 0 } == 2 * 2 * 3)
    }

    @Test func mirroredImagesHaveTheirColumnsReversed() {
        let images = hashImages("mirrored", [2, 3, 5, 3])
        let mirrored = images.mirrored()
        #expect(mirrored.scalars[0..<3] == images.scalars[12..<15])
        #expect(mirrored != images && mirrored.mirrored() == images)
        let generator = ImageDataGenerator()
        let change = ImageDataGenerator.Change(transform: .identity, isMirrored: true, isUpsideDown: false)
        let first = images[rows: 0..<1].reshaped(to: [3, 5, 3])
        #expect(generator.apply(change, to: first).scalars == mirrored[rows: 0..<1].scalars)
    }

    @Test func batchesDependOnNothingButTheirNumber() throws {
        let images = hashImages("augmentation", [50, 12, 10, 3])
        let labels = hashUniform("labels", shape: [50, 4], 0, 1)
        let generator = ImageDataGenerator(
            rotationRange: 10, widthShiftRange: 0.1, heightShiftRange: 0.1, shearRange: 8.6, zoomRange: 0.15,
            horizontalFlip: true, fillMode: .reflect)
        let flow = generator.flow(images, labels, batchSize: 16, seed: 5)
        #expect(flow.stepsPerEpoch == 4)
        let first = try flow.batch(epoch: 1, step: 2)
        _ = try flow.batch(epoch: 0, step: 0)
        let again = try generator.flow(images, labels, batchSize: 16, seed: 5).batch(epoch: 1, step: 2)
        #expect(first.inputs == again.inputs && first.targets == again.targets)
        #expect(try flow.batch(epoch: 2, step: 2).inputs != first.inputs)
        #expect(try flow.batch(epoch: 1, step: 3).count == 2)
    }

    /// The floats of a batch are the same, whether bytes were converted when they were loaded or are when they are used.
    @Test(arguments: [nil, ImageNormalization.meanImage, .channels, .channelMeans])
    func bytesGiveTheBatchesOfTheirFloats(normalization: ImageNormalization?) throws {
        var images = ByteImages(
            shape: [13, 6, 5, 3], bytes: [UInt8](rounding: hashUniform("bytes", 13 * 90, 0, 255)[...]))
        if let normalization { images.conversion = normalization.conversion(of: images) }
        let labels = hashUniform("labels", shape: [13, 2], 0, 1)
        let generator = ImageDataGenerator(rotationRange: 10, widthShiftRange: 0.2, horizontalFlip: true)
        let bytes = generator.flow(images, labels, batchSize: 5),
            floats = generator.flow(images.tensor, labels, batchSize: 5)
        for step in 0..<3 {
            let (one, other) = try (bytes.batch(epoch: 1, step: step), floats.batch(epoch: 1, step: step))
            #expect(one.inputs == other.inputs && one.targets == other.targets && one.rows == other.rows)
        }
    }

    @Test func predictionsOfBytesAreThoseOfTheirFloats() throws {
        var images = ByteImages(
            shape: [7, 4, 4, 3], bytes: [UInt8](rounding: hashUniform("predicted", 7 * 48, 0, 255)[...]))
        images.conversion = ImageNormalization.channels.conversion(of: images)
        let input = Input(shape: [4, 4, 3])
        let model = try Model(inputs: input, outputs: Dense(2)(Flatten()(input))).on(.any)
        #expect(try model.predict(images, batchSize: 3) == model.predict(images.tensor, batchSize: 3))
        #expect(try ImageDataGenerator().flow(images).batch(epoch: 0, step: 0).targets.isEmpty)
    }

    /// NumPy's `x - x.mean(axis=0)` and `(x - mean) / (std + 1e-6)`; the statistics are those of the training images.
    @Test(arguments: [ImageNormalization.meanImage, .channels, .channelMeans])
    func testImagesAreNormalizedByTheTrainingImages(normalization: ImageNormalization) throws {
        var data = ImageDataset(
            trainImages: ByteImages(shape: [2, 1, 1, 3], bytes: [10, 20, 7, 30, 60, 7]), trainLabels: [0, 1],
            testImages: ByteImages(shape: [1, 1, 1, 3], bytes: [255, 0, 8]), testLabels: [0], classNames: ["a", "b"])
        data.normalize(normalization)
        // Deviations of 10, 20 and 0.
        let divisors: [Float] = normalization == .channels ? [10.000001, 20.000001, 1e-6] : [1, 1, 1]
        func expected(_ values: [Float]) -> [Float] { values.indices.map { values[$0] / divisors[$0 % 3] } }
        #expect(data.trainImages.tensor.scalars == expected([-10, -20, 0, 10, 20, 0]))
        #expect(data.testImages.tensor.scalars == expected([235, -40, 1]))
    }

    @Test func withoutChangesEverySampleComesOnceAsItIs() throws {
        let images = hashImages("plain", [23, 4, 4, 3])
        let labels = hashUniform("labels", shape: [23, 2], 0, 1)
        let flow = ImageDataGenerator().flow(images, labels, batchSize: 5, seed: 1)
        var seen: [[Float]] = []
        for step in 0..<flow.stepsPerEpoch {
            let batch = try flow.batch(epoch: 0, step: step)
            for row in 0..<batch.count { seen.append(batch.inputs[0][rows: row..<row + 1].scalars) }
        }
        let own = (0..<23).map { images[rows: $0..<$0 + 1].scalars }
        #expect(Set(seen) == Set(own) && seen.count == 23)
        #expect(seen != own)
    }
}
