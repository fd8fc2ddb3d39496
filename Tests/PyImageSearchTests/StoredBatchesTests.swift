import ComputeGraph
import FixtureSupport
import Foundation
import Imaging
import PyImageSearch
import Tensors
import Testing
@testable import NeuralNetwork

/// Training on images that travel as bytes is training on their floats.
@Suite struct StoredBatchesTests {
    private static let images: ByteImages = {
        let shape: Shape = [22, 10, 8, 3]
        var images = ByteImages(
            shape: shape, bytes: [UInt8](rounding: hashUniform("stored", shape.count, 0, 255)[...]))
        images.conversion = ImageNormalization.channels.conversion(of: images)
        return images
    }()
    private static let labels = oneHot((0..<22).map { $0 % 3 }, classes: 3)

    private func network(_ backend: TestBackend) throws -> Model {
        let input = Input(shape: [10, 8, 3])
        var x = Conv2D(5, kernelSize: (3, 3), padding: .same, name: "conv")(input)
        x = Activation(.relu)(BatchNormalization()(x))
        x = Dropout(0.3)(MaxPooling2D((2, 2))(x))
        let model = try Model(inputs: input, outputs: Dense(3, activation: .softmax)(Flatten()(x))).on(backend)
        model.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.05, momentum: 0.9))
        return model
    }

    private func batches(_ images: ByteImages = Self.images) -> AugmentedBatches {
        ImageDataGenerator(
            rotationRange: 20, widthShiftRange: 0.2, zoomRange: 0.2, horizontalFlip: true, fillMode: .reflect
        ).flow(images, Self.labels, batchSize: 5)
    }

    /// Batches of which only floats are known, or which count what is asked for.
    private final class Counted: BatchGenerator {
        let batches: AugmentedBatches
        let hasBytes: Bool
        private let lock = NSLock()
        nonisolated(unsafe) private var counts = (floats: 0, bytes: 0)

        init(_ batches: AugmentedBatches, hasBytes: Bool = true) {
            (self.batches, self.hasBytes) = (batches, hasBytes)
        }

        var floats: Int { lock.withLock { counts.floats } }
        var bytes: Int { lock.withLock { counts.bytes } }
        var sampleCount: Int { batches.sampleCount }
        var batchSize: Int { batches.batchSize }

        func batch(epoch: Int, step: Int) throws -> Batch {
            lock.withLock { counts.floats += 1 }
            return try batches.batch(epoch: epoch, step: step)
        }

        func storedBatch(epoch: Int, step: Int) throws -> Batch? {
            guard hasBytes else { return nil }
            lock.withLock { counts.bytes += 1 }
            return try batches.storedBatch(epoch: epoch, step: step)
        }
    }

    @discardableResult
    private func fit(
        _ model: Model, _ batches: Counted, epochs: Int = 3, workers: Int = 2, initialEpoch: Int = 0,
        classWeight: [Int: Double]? = nil, callbacks: [any Callback] = []
    ) throws -> History {
        let validation = Counted(
            ImageDataGenerator().flow(Self.images, Self.labels, batchSize: 5, shuffle: false),
            hasBytes: batches.hasBytes)
        return try model.fit(
            batches, epochs: epochs, initialEpoch: initialEpoch, validation: validation, classWeight: classWeight,
            callbacks: callbacks, workers: workers, verbose: false)
    }

    /// The last batch of an epoch has two images. A backend that computes on the processor never sees bytes.
    @Test(arguments: TestBackend.allCases, [0, 1, 3])
    func theWeightsAreThoseOfFloats(backend: TestBackend, workers: Int) throws {
        let (one, other) = (try network(backend), try network(backend))
        let bytes = Counted(batches()), floats = Counted(batches(), hasBytes: false)
        let histories = (try fit(one, bytes, workers: workers), try fit(other, floats))
        #expect(try one.weights() == other.weights())
        #expect(histories.0["loss"] == histories.1["loss"] && histories.0["val_loss"] == histories.1["val_loss"])
        #expect(bytes.bytes == (backend == .cuda ? 15 : 0) && bytes.floats == (backend == .cuda ? 0 : 15))
        #expect(floats.bytes == 0 && floats.floats == 15)
        #expect(try one.predict(Self.images) == other.predict(Self.images.tensor))
    }

    @Test(arguments: TestBackend.allCases) func classesHaveWeightsToo(backend: TestBackend) throws {
        func weights(_ hasBytes: Bool, _ classWeight: [Int: Double]?) throws -> [Tensor] {
            let model = try network(backend)
            try fit(model, Counted(batches(), hasBytes: hasBytes), classWeight: classWeight)
            return try model.weights()
        }
        let weighted = try weights(true, [1: 3])
        #expect(try weighted == weights(false, [1: 3]) && weighted != weights(true, nil))
    }

    @Test func bfloat16TrainsOnBytesToo() throws {
        let weights = try [true, false].map { hasBytes in
            let model = try network(.any)
            try model.move(to: TestBackend.gpu(.bfloat16))
            try fit(model, Counted(batches(), hasBytes: hasBytes))
            return try model.weights()
        }
        #expect(weights[0] == weights[1])
    }

    /// Stopped within an epoch, while the next images are on their way.
    @Test func interruptedTrainingEndsWithTheSameBits() throws {
        final class Stop: Callback {
            func onBatchEnd(_ step: Int, logs: Logs, model: Model) {
                model.stopTraining = model.state.epochs == 1 && step == 2
            }
        }
        let (one, other) = (try network(.cuda), try network(.cuda))
        try fit(one, Counted(batches()))
        let batches = Counted(batches())
        try fit(other, batches, callbacks: [Stop()])
        #expect(other.state.epochs == 1 && other.state.step == 3)
        try fit(other, batches, initialEpoch: 1)
        #expect(try one.weights() == other.weights())
    }

    /// The backend may change while batches of bytes are fetched already.
    @Test func bytesBecomeFloatsOnAnotherBackend() throws {
        final class Move: Callback {
            func onBatchEnd(_ step: Int, logs: Logs, model: Model) throws {
                if step == 1 { try model.move(to: TestBackend.onednn.backend) }
            }
        }
        let weights = try [true, false].map { hasBytes in
            let model = try network(.cuda)
            try fit(model, Counted(batches(), hasBytes: hasBytes), epochs: 1, callbacks: [Move()])
            return try model.weights()
        }
        #expect(weights[0] == weights[1])
    }

    @Test func severalModelsMayTrainAtOnce() throws {
        let expected = try network(.cuda)
        try fit(expected, Counted(batches()))
        let weights = try expected.weights()
        let lock = NSLock()
        nonisolated(unsafe) var same = 0
        DispatchQueue.concurrentPerform(iterations: 3) { _ in
            guard let model = try? network(.cuda), (try? fit(model, Counted(batches()))) != nil else { return }
            let isSame = (try? model.weights()) == weights
            lock.withLock { same += isSame ? 1 : 0 }
        }
        #expect(same == 3)
    }

    // MARK: - Numbers that are not finite

    private func words(_ body: () throws -> Void) -> String {
        do { try body() } catch { return "\(error)" }
        return ""
    }

    /// The message names the sample and its row, as for floats.
    @Test(arguments: [TestBackend.onednn, .cuda])
    func aSampleThatIsNotFiniteIsNamed(backend: TestBackend) throws {
        var spoiled = Self.images
        let shape = spoiled.shape.sample
        var divisor = Tensor(repeating: 1, shape: shape)
        divisor.scalars[5] = 0
        spoiled.conversion = .standardized(mean: Tensor(repeating: 0, shape: shape), divisor: divisor)
        let messages = try [true, false].map { hasBytes in
            let model = try network(backend)
            return words { try fit(model, Counted(batches(spoiled), hasBytes: hasBytes)) }
        }
        #expect(messages[0] == messages[1])
        #expect(messages[0].contains("the data are not finite: sample 1 of the batch") && messages[0].contains("row"))
        let evaluated = words { _ = try network(backend).evaluate(batches(spoiled)) }
        #expect(evaluated.contains("the data are not finite: sample 1 of the batch") && evaluated.contains("row"))
    }

    @Test(arguments: [TestBackend.onednn, .cuda])
    func aLayerThatIsNotFiniteIsNamed(backend: TestBackend) throws {
        final class Spoil: Callback {
            func onBatchBegin(_ step: Int, model: Model) throws {
                guard step == 2 else { return }
                var weights = try model.weights()
                weights[0].scalars[0] = .nan
                try model.setWeights(weights)
            }
        }
        let messages = try [true, false].map { hasBytes in
            let model = try network(backend)
            model.detectsAnomalies = true
            return words { try fit(model, Counted(batches(), hasBytes: hasBytes), callbacks: [Spoil()]) }
        }
        #expect(messages[0] == messages[1] && messages[0].contains("\"conv\""))
    }

    /// Images outside of what is expected are looked at in floats, and are predicted all the same.
    @Test func largeNumbersArePredicted() throws {
        var images = Self.images
        images.conversion = .standardized(
            mean: Tensor(repeating: 0, shape: images.shape.sample),
            divisor: Tensor(repeating: 1e-4, shape: images.shape.sample))
        let model = try network(.cuda)
        #expect(try model.predict(images, batchSize: 5) == model.predict(images.tensor, batchSize: 5))
    }

    // MARK: - Ahead of time

    @Test func theNextBatchIsKnownOnceItIsThere() throws {
        let none = Prefetcher(batches(), epoch: 0, takesStoredImages: true, workers: 0)
        #expect(none.ready == nil)
        #expect(try none.next().storedImages != nil)
        let fetched = Prefetcher(batches(), epoch: 0, takesStoredImages: true, workers: 1)
        defer { fetched.cancel() }
        for _ in 0..<5 {
            let end = Date() + 60
            while fetched.ready == nil, Date() < end { Thread.sleep(forTimeInterval: 0.001) }
            let ready = try #require(fetched.ready?.storedImages)
            #expect(try fetched.next().storedImages === ready)
        }
        #expect(fetched.ready == nil)
    }

    /// A backend that is said to take images, and writes down which.
    private final class Witness: Backend, LoadedGraph, Plan, @unchecked Sendable {
        let backend = TestBackend.any.backend
        var loaded: (any LoadedGraph)?
        var plans: [Int: any Plan] = [:]
        var staged: [StoredImages] = [], computed: [StoredImages] = []

        var name: String { backend.name }
        var version: String { backend.version }
        var threads: Int { backend.threads }
        func requireMemory(_ count: Int, of size: Int, for what: String) {}
        func load(validated graph: Graph, sharing weights: [ParameterID: any Weight]) throws -> any LoadedGraph {
            loaded = try backend.load(validated: graph, sharing: weights)
            return self
        }

        var parameters: any ParameterStorage {
            guard let loaded else { preconditionFailure("nothing is loaded") }
            return loaded.parameters
        }
        func plan(batchSize: Int, mode: PlanMode) throws -> any Plan {
            plans[batchSize] = try loaded?.plan(batchSize: batchSize, mode: mode)
            return self
        }

        let takesStoredImages = true
        func predict(_ inputs: [Tensor]) throws -> [Tensor] { [] }
        func step(
            _ inputs: [Tensor], targets: [Tensor], sampleWeights: [Float]?, dropout: RandomStream?,
            shared: (any SharedStep)?
        ) throws -> StepResult {
            guard let plan = plans[inputs[0].shape[0]] else { preconditionFailure("no plan") }
            return try plan.step(inputs, targets: targets, sampleWeights: sampleWeights, dropout: dropout)
        }
        func step(
            _ images: StoredImages, targets: [Tensor], sampleWeights: [Float]?, dropout: RandomStream?,
            shared: (any SharedStep)?, meanwhile: () throws -> Void
        ) throws -> StepResult {
            computed.append(images)
            // Computes until the next batch is fetched, which the last step of an epoch does not have.
            let end = Date() + 60
            while staged.count < computed.count, computed.count < 5, Date() < end { try meanwhile() }
            return try step([images.tensor], targets: targets, sampleWeights: sampleWeights, dropout: dropout)
        }
        func stage(_ images: StoredImages) { staged.append(images) }
    }

    @Test func theNextBatchIsStagedWhileOneIsComputed() throws {
        let witness = Witness(), model = try network(.any)
        try model.move(to: witness)
        try model.fit(batches(), epochs: 1, workers: 2, verbose: false)
        #expect(witness.computed.map(\.shape[0]) == [5, 5, 5, 5, 2])
        #expect(witness.staged.map(ObjectIdentifier.init) == witness.computed.dropFirst().map(ObjectIdentifier.init))
    }
}
