import FixtureSupport
import Foundation
import Tensors
import Testing
@testable import NeuralNetwork

/// Processes that train one model together, as threads of the test.
@Suite struct SeveralProcessesTests {
    private static let backends = [TestBackend.onednn, .openblas]

    /// A network with every kind of normalization (of blocks of channels, of three channels, of units), dropout and a
    /// penalty.
    private static func network(_ backend: TestBackend) throws -> Model {
        let input = Input(shape: [6, 6, 3])
        var x = BatchNormalization(name: "bn0")(input)
        x = Conv2D(16, kernelSize: (3, 3), kernelRegularizer: L2(0.01), name: "conv")(x)
        x = Activation(.relu)(BatchNormalization(name: "bn1")(x))
        x = Dense(8, name: "dense1")(Flatten()(x))
        x = Dropout(0.25)(Activation(.relu)(BatchNormalization(name: "bn2")(x)))
        let model = Model(inputs: input, outputs: Dense(3, activation: .softmax, name: "dense2")(x))
        try model.move(to: backend.backend(threads: 1))
        return model
    }

    private static let images = hashImages("together", [13, 6, 6, 3])
    private static let targets = oneHot((0..<13).map { $0 % 3 }, classes: 3)

    private static func train(
        _ backend: TestBackend, _ communicator: ThreadedCommunicator?, batchSize: Int, epochs: Int = 2,
        synchronized: Bool = true, _ steps: [any GradientStep] = [], accumulating: Int = 1,
        classWeight: [Int: Double]? = nil, sampleWeight: [Float]? = nil
    ) throws -> (weights: [Float], loss: Double, validation: Double, predictions: [Float]) {
        let model = try network(backend)
        model.compile(
            loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.01, momentum: 0.9), gradientSteps: steps,
            gradientAccumulationSteps: accumulating)
        model.parallelism = communicator.map {
            DataParallelism($0, synchronizesBatchNormalization: synchronized)
        }
        let history = try model.fit(
            images, targets, batchSize: batchSize, epochs: epochs, validation: (images, targets),
            classWeight: classWeight, sampleWeight: sampleWeight, verbose: false)
        return (
            try model.weights().flatMap(\.scalars), history["loss"].last ?? .nan, history["val_loss"].last ?? .nan,
            try model.predict(images, batchSize: batchSize).scalars
        )
    }

    private func distance(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).map { abs($0 - $1) }.max() ?? .infinity }

    /// 13 samples in batches of 5 are parts of 3 and 2, or 2, 2 and 1. In batches of 3 the fourth process has none; in the
    /// last batch, of one sample, all processes but one have none.
    @Test(arguments: backends, [(2, 5), (3, 5), (3, 4), (2, 3), (4, 3)])
    func synchronizedPartsAreTheWholeBatch(_ backend: TestBackend, _ run: (processes: Int, batchSize: Int)) throws {
        let alone = try Self.train(backend, nil, batchSize: run.batchSize)
        let results = try ThreadedCommunicator.run(run.processes) {
            try Self.train(backend, $0, batchSize: run.batchSize)
        }.map { try $0.get() }
        for result in results {
            #expect(result.weights == results[0].weights && result.loss == results[0].loss)
            #expect(result.validation == results[0].validation && result.predictions == results[0].predictions)
        }
        #expect(distance(results[0].weights, alone.weights) < 2e-5)
        #expect(abs(results[0].loss - alone.loss) < 1e-5 && abs(results[0].validation - alone.validation) < 1e-5)
        #expect(distance(results[0].predictions, alone.predictions) < 1e-5)
        let apart = try ThreadedCommunicator.run(run.processes) {
            try Self.train(backend, $0, batchSize: run.batchSize, synchronized: false)
        }.map { try $0.get() }
        #expect(distance(apart[0].weights, alone.weights) > 1e-3)
    }

    /// What happens to gradients happens to those of the whole batch.
    @Test func gradientStepsSeeTheWholeBatch() throws {
        let cases: [(steps: [any GradientStep], accumulating: Int)] = [
            ([GradientClipping.globalNorm(0.5)], 1), ([LARS()], 1), ([GradientClipping.value(0.01)], 2),
        ]
        for (steps, accumulating) in cases {
            let alone = try Self.train(.any, nil, batchSize: 5, steps, accumulating: accumulating)
            let together = try ThreadedCommunicator.run(2) {
                try Self.train(.any, $0, batchSize: 5, steps, accumulating: accumulating)
            }[1].get()
            #expect(distance(together.weights, alone.weights) < 2e-5, "\(steps)")
        }
    }

    /// A part of a batch has its part of the weights, and all divide by the number of samples of the whole.
    @Test(arguments: backends, [(2, 5), (3, 4), (4, 3)])
    func partsHaveTheirPartOfTheWeights(_ backend: TestBackend, _ run: (processes: Int, batchSize: Int)) throws {
        let uneven = (0..<13).map { Float($0 % 4) }
        for (classWeight, sampleWeight) in [([0: 0.25, 2: 3.0], nil), (nil, uneven)] {
            @Sendable func train(_ communicator: ThreadedCommunicator?) throws -> (weights: [Float], loss: Double) {
                let result = try Self.train(
                    backend, communicator, batchSize: run.batchSize, classWeight: classWeight,
                    sampleWeight: sampleWeight)
                return (result.weights, result.loss)
            }
            let alone = try train(nil), unweighted = try Self.train(backend, nil, batchSize: run.batchSize)
            for result in ThreadedCommunicator.run(run.processes, { try train($0) }) {
                let result = try result.get()
                #expect(distance(result.weights, alone.weights) < 2e-5 && abs(result.loss - alone.loss) < 1e-5)
            }
            #expect(distance(alone.weights, unweighted.weights) > 1e-3)
        }
    }

    /// Weights, the optimizer's slots and its number of updates are those of the first process.
    @Test func allBeginAsTheFirst() throws {
        @Sendable func train(_ communicator: ThreadedCommunicator?) throws -> [Tensor] {
            let model = try Sequential([4], [Dense(6, activation: .relu), Dense(3, activation: .softmax)]).on(.any)
            model.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.1, momentum: 0.9, decay: 0.5))
            let x = hashUniform("begin", shape: [6, 4], -1, 1), y = oneHot([0, 1, 2, 0, 1, 2], classes: 3)
            if communicator?.rank ?? 0 == 0 {
                for _ in 0..<3 { try model.trainOnBatch(Batch(inputs: [x], targets: [y])) }
            }
            model.parallelism = communicator.map { DataParallelism($0) }
            try model.fit(x, y, batchSize: 6, epochs: 2, verbose: false)
            return try model.weights()
        }
        let alone = try train(nil)
        for result in ThreadedCommunicator.run(3, { try train($0) }) {
            for (a, b) in zip(try result.get(), alone) {
                #expect(Difference("", a, b, absolute: 1e-6).isWithinTolerance)
            }
        }
    }

    /// The means over the processes that had a sample: of 1 and 3 the mean is 2, and each alone has the variance 0.
    @Test(arguments: backends)
    func movingStatisticsAreMeans(_ backend: TestBackend) throws {
        let results = ThreadedCommunicator.run(3) { communicator -> [Float] in
            let model = try Sequential([1], [BatchNormalization(momentum: 0.5), Dense(1)]).on(backend)
            model.compile(loss: .meanSquaredError, optimizer: SGD())
            model.parallelism = DataParallelism(communicator)
            try model.trainOnBatch(
                Batch(
                    inputs: [Tensor(shape: [2, 1], scalars: [1, 3])],
                    targets: [Tensor(shape: [2, 1], scalars: [0, 0])]))
            return try model.weights()[2...3].flatMap(\.scalars)
        }
        for result in results { #expect(try result.get() == [1, 0.5]) }
    }

    // MARK: - Callbacks

    private final class Watch: Callback, @unchecked Sendable {
        let runsInEveryProcess: Bool
        var steps = 0
        var hasEnded = false
        let onStep: (Int, Model) throws -> Void

        init(inEveryProcess: Bool = true, onStep: @escaping (Int, Model) throws -> Void = { _, _ in }) {
            (runsInEveryProcess, self.onStep) = (inEveryProcess, onStep)
        }
        func onBatchEnd(_ step: Int, logs: Logs, model: Model) throws {
            steps += 1
            try onStep(step, model)
        }
        func onTrainEnd(_ model: Model) { hasEnded = true }
    }

    private static func fit(
        _ communicator: ThreadedCommunicator, _ callbacks: [any Callback], validation: (any BatchGenerator)? = nil
    ) throws {
        let model = try Sequential([4], [Dense(3, activation: .softmax)]).on(.any)
        model.compile(loss: .categoricalCrossentropy, optimizer: SGD())
        model.parallelism = DataParallelism(communicator)
        let batches = try ArrayBatches(
            inputs: [hashUniform("fit", shape: [12, 4], -1, 1)], targets: [oneHot((0..<12).map { $0 % 3 }, classes: 3)],
            batchSize: 4, shuffle: true, seed: 1)
        try model.fit(batches, epochs: 2, validation: validation, callbacks: callbacks, verbose: false)
    }

    @Test func whatStopsOneStopsAll() throws {
        let steps = try ThreadedCommunicator.run(3) { communicator -> Int in
            let watch = Watch { step, model in if communicator.rank == 2, step == 1 { model.stopTraining = true } }
            try Self.fit(communicator, [watch])
            return watch.steps
        }.map { try $0.get() }
        #expect(steps == [2, 2, 2])
    }

    @Test func whatWritesRunsInTheFirstProcess() throws {
        let steps = try ThreadedCommunicator.run(2) { communicator -> [Int] in
            let watches = [Watch(), Watch(inEveryProcess: false)]
            try Self.fit(communicator, watches)
            return watches.map(\.steps)
        }.map { try $0.get() }
        #expect(steps == [[6, 6], [6, 0]])
        #expect(!ModelCheckpoint("x.hdf5").runsInEveryProcess)
    }

    // MARK: - Faults

    private func messages(_ results: [Result<Void, any Error>]) -> [String] {
        results.map { result in
            if case .failure(let error) = result { "\(error)" } else { "no error" }
        }
    }

    @Test func weightsThatDifferAreNoticed() {
        let results = ThreadedCommunicator.run(2) { communicator in
            let spoil = Watch { step, model in
                guard communicator.rank == 1, step == 2 else { return }
                try model.setWeights(model.weights().map { Tensor(repeating: 0.5, shape: $0.shape) })
            }
            try Self.fit(communicator, [spoil])
        }
        for message in messages(results) {
            #expect(message.hasPrefix("after epoch 1, process 1 on host1 has other weights"))
        }
    }

    private struct Failing: BatchGenerator {
        let sampleCount = 8, batchSize = 4
        let fails: Bool
        func batch(epoch: Int, step: Int) throws -> Batch {
            if fails, step == 1 { throw TrainingError("the disk is gone") }
            return Batch(inputs: [Tensor(repeating: 1, shape: [4, 4])], targets: [oneHot([0, 1, 2, 0], classes: 3)])
        }
    }

    /// All throw, so the first process can save the epoch that is trained.
    @Test func validationThatFailsInOneProcessEndsAll() {
        let results = ThreadedCommunicator.run(3) { communicator -> Bool in
            let watch = Watch()
            #expect(throws: TrainingError.self) {
                try Self.fit(communicator, [watch], validation: Failing(fails: communicator.rank == 1))
            }
            return watch.hasEnded
        }
        #expect(results.allSatisfy { (try? $0.get()) == true })
        let words = messages(
            ThreadedCommunicator.run(3) { communicator in
                try Self.fit(communicator, [], validation: Failing(fails: communicator.rank == 1))
            })
        #expect(
            words == [
                "process 1 on host1: the disk is gone", "the disk is gone", "process 1 on host1: the disk is gone",
            ])
    }

    /// Each setting that may differ, by the name that the message gives it.
    @Test(arguments: [
        "batch size", "number of samples", "number of epochs", "seed", "first batch", "first validation batch",
        "number of validation samples", "optimizer", "loss", "network", "treatment of gradients",
        "number of steps in an update", "normalization", "format of gradients", "backend", "weighting of classes",
    ])
    func settingsThatDifferAreNamed(_ name: String) {
        let results = ThreadedCommunicator.run(2) { communicator in
            func differs(_ setting: String) -> Bool { communicator.rank == 1 && setting == name }
            let model = try Sequential([4], [Dense(differs("network") ? 4 : 3), Dense(3, activation: .softmax)])
                .on(differs("backend") ? .openblas : .onednn)
            model.compile(
                loss: differs("loss") ? .meanSquaredError : .categoricalCrossentropy,
                optimizer: SGD(learningRate: differs("optimizer") ? 0.1 : 0.2),
                gradientSteps: differs("treatment of gradients") ? [LARS()] : [],
                gradientAccumulationSteps: differs("number of steps in an update") ? 2 : 1)
            if differs("seed") { model.seed = 7 }
            model.parallelism = DataParallelism(
                communicator, synchronizesBatchNormalization: differs("normalization"),
                gradientFormat: differs("format of gradients") ? .bfloat16 : .float32)
            func data(_ count: Int, _ name: String) -> (Tensor, Tensor) {
                (hashUniform(name, shape: [count, 4], -1, 1), oneHot((0..<count).map { $0 % 3 }, classes: 3))
            }
            let train = data(differs("number of samples") ? 11 : 12, differs("first batch") ? "other" : "train")
            let validation = data(
                differs("number of validation samples") ? 5 : 6, differs("first validation batch") ? "other" : "val")
            try model.fit(
                train.0, train.1, batchSize: differs("batch size") ? 3 : 4, epochs: differs("number of epochs") ? 3 : 2,
                validation: validation, shuffle: false, classWeight: differs("weighting of classes") ? [0: 2] : [0: 1],
                verbose: false)
        }
        for message in messages(results) {
            #expect(message.hasPrefix("process 1 on host1 has another \(name) than process 0 on host0: "), "\(message)")
            #expect(message.hasSuffix("start all with the same program, flags and data"))
        }
    }

    /// Without a generator that makes parts.
    @Test func aWholeBatchIsDividedWithItsWeights() throws {
        @Sendable func train(_ communicator: ThreadedCommunicator?) throws -> (loss: Double, weights: [Float]) {
            let model = try Sequential([4], [Dense(3, activation: .softmax)]).on(.any)
            model.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.5))
            model.parallelism = communicator.map { DataParallelism($0) }
            let batch = Batch(
                inputs: [hashUniform("divided", shape: [5, 4], -1, 1)], targets: [oneHot([0, 1, 2, 0, 1], classes: 3)],
                sampleWeights: [0, 1, 0.5, 4, 2])
            return (try model.trainOnBatch(batch), try model.weights().flatMap(\.scalars))
        }
        let alone = try train(nil)
        for result in ThreadedCommunicator.run(2, { try train($0) }) {
            let result = try result.get()
            #expect(abs(result.loss - alone.loss) < 1e-6 && distance(result.weights, alone.weights) < 1e-6)
        }
    }

    @Test func sampleWeightsThatDifferAreNoticed() {
        let results = ThreadedCommunicator.run(2) { communicator in
            let model = try Sequential([4], [Dense(3, activation: .softmax)]).on(.any)
            model.compile(loss: .categoricalCrossentropy, optimizer: SGD())
            model.parallelism = DataParallelism(communicator)
            let weights = (0..<6).map { Float($0 + communicator.rank) }
            try model.fit(
                hashUniform("fit", shape: [6, 4], -1, 1), oneHot([0, 1, 2, 0, 1, 2], classes: 3), sampleWeight: weights,
                verbose: false)
        }
        for message in messages(results) {
            #expect(message.hasPrefix("process 1 on host1 has another first batch than process 0 on host0: "))
        }
    }

    /// np.array_split's parts.
    @Test func partsLieSideBySide() {
        let parts = (0..<3).map { BatchPart(rank: $0, of: 3, batch: 16) }
        #expect(parts.map(\.samples) == [0..<6, 6..<11, 11..<16] && parts.allSatisfy(\.isCounted))
        let few = (0..<3).map { BatchPart(rank: $0, of: 3, batch: 2) }
        #expect(few.map(\.isCounted) == [true, true, false] && few.map(\.share) == [0.5, 0.5, 0])
        #expect(few[2].samples == 0..<1 && few[2].countedProcesses == 2)
    }
}
