import CUDABackend
import ComputeGraph
import FixtureSupport
import Imaging
import NeuralNetwork
import Tensors
import Testing
@testable import PyImageSearch

/// A GPU makes the floats of images that come as bytes. Their bits are those of the processor's floats.
@Suite struct StoredImagesTests {
    enum Conversion: CaseIterable {
        case plain, unit, centered, standardized

        func of(_ shape: Shape) -> ByteConversion {
            let mean = hashUniform("mean", shape: shape, 50, 200), divisor = hashUniform("divisor", shape: shape, 1, 90)
            return switch self {
            case .plain: .plain
            case .unit: .unit
            case .centered: .centered(mean: mean)
            case .standardized: .standardized(mean: mean, divisor: divisor)
            }
        }
    }

    static let fillModes: [FillMode] = [.nearest, .constant(-3.5), .reflect, .wrap]
    static let shapes: [Shape] = [[11, 9, 7, 3], [4, 1, 1, 1], [5, 1, 8, 4], [5, 6, 1, 2]]

    private func images(_ shape: Shape, _ conversion: Conversion = .standardized, name: String = "x") -> ByteImages {
        ByteImages(
            shape: shape, bytes: [UInt8](rounding: hashUniform(name, shape.count, 0, 255)[...]),
            conversion: conversion.of(shape.sample))
    }

    private func batches(
        _ images: ByteImages, _ fillMode: FillMode = .reflect, _ order: SplineOrder = .linear, batchSize: Int
    ) -> AugmentedBatches {
        ImageDataGenerator(
            rotationRange: 40, widthShiftRange: 0.4, heightShiftRange: 3, shearRange: 20, zoomRange: 0.4,
            horizontalFlip: true, verticalFlip: true, cutout: 3, fillMode: fillMode, interpolationOrder: order
        ).flow(images, batchSize: batchSize)
    }

    private func stored(_ batches: AugmentedBatches, _ step: Int = 0, epoch: Int = 0) throws -> StoredImages {
        try #require(try batches.storedBatch(epoch: epoch, step: step)?.storedImages)
    }

    /// A plan that hands its only input back.
    private func plan(_ shape: Shape, _ precision: Precision = .float32) throws -> any Plan {
        let input = Input(shape: shape.sample)
        let graph = Model(inputs: input, outputs: Activation(.linear)(input)).graph
        return try TestBackend.gpu(precision).load(graph)
            .plan(batchSize: shape[0], mode: .inference(outputs: graph.outputs))
    }

    private func bits(_ tensor: Tensor) -> [UInt32] { tensor.scalars.map(\.bitPattern) }

    /// What the plan makes of the images.
    private func made(_ plan: any Plan, _ images: StoredImages, meanwhile: () throws -> Void = {}) throws -> [UInt32] {
        bits(try plan.step(images, targets: [], dropout: nil, meanwhile: meanwhile).outputs[0])
    }

    // MARK: - Bits

    @Test(arguments: fillModes, Conversion.allCases)
    func theFloatsAreTheProcessors(fillMode: FillMode, conversion: Conversion) throws {
        for (shape, order) in Self.shapes.flatMap({ [($0, SplineOrder.linear), ($0, .nearest)] }) {
            let batches = batches(images(shape, conversion), fillMode, order, batchSize: shape[0])
            let plan = try plan(shape)
            #expect(plan.takesStoredImages)
            for epoch in 0..<4 {
                let images = try stored(batches, epoch: epoch)
                #expect(bits(images.tensor) == bits(try batches.batch(epoch: epoch, step: 0).inputs[0]))
                #expect(try made(plan, images) == bits(images.tensor), "\(shape), epoch \(epoch)")
            }
        }
    }

    /// Lines along the borders, whole pixels, numbers that no fixed point holds, and none at all.
    static let transforms: [AffineTransform] = [
        .identity, .shift(rows: 2, columns: -3), .shift(rows: -8, columns: 0.5), .shift(rows: 0, columns: 1e-10),
        .zoom(rows: 0, columns: 1), .zoom(rows: 1, columns: 0), .zoom(rows: -1, columns: -1),
        AffineTransform(0, 1, 0, 1, 0, 0), .zoom(rows: 1.5, columns: 1 / 3.0), .shift(rows: 0x1p30, columns: 0),
        .shift(rows: -0x1p29, columns: 7e8), .zoom(rows: 1e12, columns: -1e12), .shift(rows: 1e300, columns: -1e300),
        .shift(rows: .nan, columns: 0), .shift(rows: 0, columns: .infinity), .zoom(rows: .nan, columns: .nan),
        .zoom(rows: -0.0, columns: 0.1), .rotation(degrees: 90), .rotation(degrees: 1e-7), .shear(degrees: 60),
    ]

    @Test(arguments: fillModes, [(Float(1), SplineOrder.linear), (-2.25, .linear), (-2.25, .nearest)])
    func anyTransformGivesTheProcessorsFloats(
        fillMode: FillMode, _ arithmetic: (divisor: Float, order: SplineOrder)
    ) throws {
        let (divisor, order) = arithmetic
        let shape: Shape = [Self.transforms.count, 8, 10, 3]
        var images = images(shape)
        // Zeros of both signs.
        images.conversion = .standardized(
            mean: Tensor(repeating: 0, shape: shape.sample), divisor: Tensor(repeating: divisor, shape: shape.sample))
        let generator = ImageDataGenerator(fillMode: fillMode, interpolationOrder: order)
        let plan = try plan(shape)
        for isMirrored in [false, true] {
            let changes = Self.transforms.map {
                ImageDataGenerator.Change(transform: $0, isMirrored: isMirrored, isUpsideDown: !isMirrored)
            }
            let expected = changes.enumerated().flatMap { i, change in
                generator.apply(change, to: images[rows: i..<i + 1].tensor.reshaped(to: shape.sample)).scalars
            }
            let stored = try StoredImages(images, changes: changes, fillMode: fillMode, order: order) {
                Tensor(shape: shape, scalars: expected)
            }
            let made = try made(plan, try #require(stored)), size = shape.sample.count
            for (i, transform) in Self.transforms.enumerated() {
                let range = i * size..<(i + 1) * size
                #expect(made[range] == expected[range].map(\.bitPattern)[...], "\(transform)")
            }
        }
    }

    @Test func bfloat16RoundsAtTheEnd() throws {
        let shape: Shape = [11, 9, 7, 3]
        let plan = try plan(shape, .bfloat16), images = try stored(batches(images(shape), batchSize: 11))
        let rounded = try plan.step([images.tensor], targets: [], dropout: nil).outputs[0]
        #expect(try made(plan, images) == bits(rounded))
        #expect(rounded != images.tensor)
    }

    @Test func resizedImagesTravelAsBytes() throws {
        let images = images([5, 4, 4, 3], .plain)
        let batches = try ResizedBatches(
            images: images, targets: [], width: 9, height: 7, batchSize: 5, shuffle: true, seed: 1)
        let stored = try #require(try batches.storedBatch(epoch: 1, step: 0)?.storedImages)
        #expect(bits(stored.tensor) == bits(try batches.batch(epoch: 1, step: 0).inputs[0]))
        #expect(try made(plan([5, 7, 9, 3]), stored) == bits(stored.tensor))
    }

    /// The bound that replaces a look at every float.
    @Test(arguments: fillModes, Conversion.allCases)
    func noFloatExceedsTheBound(fillMode: FillMode, conversion: Conversion) throws {
        let images = try stored(batches(images([11, 9, 7, 3], conversion), fillMode, batchSize: 11))
        #expect(images.tensor.largestMagnitude <= images.largestMagnitude)
        #expect(images.largestMagnitude.isFinite)
        for (offset, divisor) in [(Float.nan, Float(1)), (.infinity, 1), (0, 0), (0, .nan), (3e38, 1), (0, 1e-38)] {
            let conversion = StoredImages.Conversion(offsets: [offset], divisors: [1, divisor])
            let images = try StoredImages(
                shape: [1, 1, 2, 1], bytes: [0, 0], conversion: conversion, changes: [.init()], outside: .constant(1)
            ) { Tensor(repeating: 0, shape: [1, 1, 2, 1]) }
            #expect(!images.largestMagnitude.isFinite, "\(offset), \(divisor)")
        }
    }

    // MARK: - The way to the GPU

    @Test func aQuarterOfTheBytesTravels() throws {
        let shape: Shape = [11, 32, 32, 3]
        let plan = try plan(shape), batches = batches(images(shape), batchSize: 11)
        // The first images bring the statistics with them.
        _ = try made(plan, stored(batches))
        let images = try stored(batches, epoch: 1)
        let floats = try TestBackend.uploadedBytes { _ = try plan.step([images.tensor], targets: [], dropout: nil) }
        let bytes = try TestBackend.uploadedBytes { _ = try made(plan, images) }
        #expect(floats == 4 * shape.count)
        // What happens to an image takes 80 bytes.
        #expect(bytes == shape.count + 11 * 80)
    }

    /// Two batches are staged while one is computed: the second needs the place of the one that is computed, whose copy
    /// has perhaps not been made, and whose bytes have perhaps not been read.
    @Test func imagesTravelWhileOthersAreComputed() throws {
        let shape: Shape = [4, 9, 7, 3]
        let plan = try plan(shape), batches = batches(images([40, 9, 7, 3]), batchSize: 4)
        let images = try (0..<10).map { try stored(batches, $0) }
        let expected = images.map { bits($0.tensor) }
        for _ in 0..<3 {
            for i in stride(from: 0, to: 9, by: 3) {
                let made = try made(plan, images[i]) {
                    try plan.stage(images[i + 1])
                    try plan.stage(images[i + 2])
                }
                #expect(made == expected[i])
                #expect(try self.made(plan, images[i + 1]) == expected[i + 1])
                // Nobody asks for these, or only much later.
                try plan.stage(images[9])
                #expect(try self.made(plan, images[i + 2]) == expected[i + 2])
            }
            // Floats in between.
            #expect(bits(try plan.step([images[3].tensor], targets: [], dropout: nil).outputs[0]) == expected[3])
        }
    }

    @Test func aPlanMayBeDroppedWhileImagesTravel() throws {
        let shape: Shape = [4, 9, 7, 3], images = try stored(batches(images([4, 9, 7, 3]), batchSize: 4))
        for _ in 0..<3 { try plan(shape).stage(images) }
        #expect(try made(plan(shape), images) == bits(images.tensor))
    }

    /// An error of what happens meanwhile leaves the plan as it is.
    @Test func theStepIsCompletedEvenIfTheNextFails() throws {
        struct Failure: Error {}
        let shape: Shape = [4, 9, 7, 3], images = try stored(batches(images([4, 9, 7, 3]), batchSize: 4))
        let plan = try plan(shape)
        for _ in 0..<3 { #expect(throws: Failure.self) { try made(plan, images) { throw Failure() } } }
        #expect(try made(plan, images) == bits(images.tensor))
    }

    /// Images that do not fit are refused by their step, in the words for floats. Staging them does nothing.
    @Test func imagesThatDoNotFitAreRefused() throws {
        let plan = try plan([4, 9, 7, 3]), images = try stored(batches(images([5, 9, 7, 3]), batchSize: 5))
        try plan.stage(images)
        func words(_ body: () throws -> Void) -> String {
            do { try body() } catch { return "\(error)" }
            return ""
        }
        let refusal = words { _ = try made(plan, images) }
        #expect(refusal.contains("(4, 9, 7, 3)") && refusal.contains("(5, 9, 7, 3)"))
        #expect(refusal == words { _ = try plan.step([images.tensor], targets: [], dropout: nil) })
        #expect(throws: BackendError.self) {
            try StoredImages(
                shape: [1, 2, 2, 1], bytes: [1, 2, 3, 4], conversion: .init(offsets: [1, 2]), changes: [.init()],
                outside: .nearest
            ) { images.tensor }
        }
    }

    /// Only one input of images can be stored.
    @Test func otherPlansTakeFloats() throws {
        let vector = Input(shape: [4]), image = Input(shape: [2, 2, 1])
        let models = [
            Model(inputs: vector, outputs: Dense(2)(vector)),
            Model(inputs: [vector, image], outputs: [Concatenate()([vector, Flatten()(image)])]),
        ]
        for graph in models.map(\.graph) {
            let plan = try TestBackend.gpu(.float32).load(graph)
                .plan(batchSize: 1, mode: .inference(outputs: graph.outputs))
            #expect(!plan.takesStoredImages)
        }
        for backend in [TestBackend.onednn, .openblas] {
            let graph = Model(inputs: image, outputs: Flatten()(image)).graph
            let plan = try backend.backend.load(graph).plan(batchSize: 3, mode: .inference(outputs: graph.outputs))
            #expect(!plan.takesStoredImages)
            let images = try stored(batches(images([3, 2, 2, 1]), batchSize: 3))
            #expect(try made(plan, images) == bits(images.tensor))
        }
    }
}
