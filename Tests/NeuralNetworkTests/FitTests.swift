import FixtureSupport
import Foundation
import Tensors
import Testing
@testable import NeuralNetwork

/// A small network with everything that draws random numbers or counts.
private func network(backend: TestBackend = .any) throws -> Model {
    let input = Input(shape: [8, 8, 3])
    var x = Conv2D(16, kernelSize: (3, 3), padding: .same)(input)
    x = Activation(.relu)(BatchNormalization()(x))
    x = Dropout(0.3)(MaxPooling2D((2, 2))(x))
    x = Activation(.softmax)(Dense(4)(Flatten()(x)))
    let model = try Model(inputs: input, outputs: x, name: "small").on(backend)
    model.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.02, momentum: 0.9))
    return model
}

/// Four kinds of images that a network can tell apart: one channel or corner is brighter.
private let samples: (x: Tensor, y: Tensor) = {
    var x = hashImages("fit", [70, 8, 8, 3])
    var y = Tensor(repeating: 0, shape: [70, 4])
    for row in 0..<70 {
        y.scalars[row * 4 + row % 4] = 1
        for pixel in 0..<64 {
            let isUpper = pixel < 32
            if (row % 4 < 2) == isUpper { x.scalars[(row * 64 + pixel) * 3 + row % 2] += 1.5 }
        }
    }
    return (x, y)
}()

@Suite struct FitTests {
    @Test(arguments: TestBackend.allCases)
    func learns(backend: TestBackend) throws {
        let model = try network(backend: backend)
        let history = try model.fit(
            samples.x, samples.y, batchSize: 16, epochs: 12, validation: samples, verbose: false)
        #expect(history["loss"].count == 12 && history["val_acc"].count == 12)
        #expect((history["val_acc"].last ?? 0) > 0.9)
        #expect((history["loss"].last ?? 1) < (history["loss"].first ?? 0))
        let evaluated = try model.evaluate(samples.x, samples.y)
        #expect(abs((evaluated["loss"] ?? 0) - (history["val_loss"].last ?? 1)) < 1e-5)
    }

    /// 70 samples in batches of 16: the last has 6, and every sample counts once.
    @Test func theLastBatchMayBePartial() throws {
        let model = try network()
        model.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 1e-12))
        let history = try model.fit(samples.x, samples.y, batchSize: 16, verbose: false)
        #expect(model.state.iterations == 5)
        let predictions = try model.predict(samples.x, batchSize: 16)
        #expect(predictions.shape == [70, 4])
        #expect(predictions[rows: 64..<70] == (try model.predict(samples.x[rows: 64..<70], batchSize: 6)))
        #expect(history["acc"].count == 1)
    }

    @Test(arguments: TestBackend.allCases)
    func sameSeedSameBitsWhateverTheWorkers(backend: TestBackend) throws {
        func weights(workers: Int, seed: UInt64 = 1) throws -> [Tensor] {
            let model = try network(backend: backend)
            model.seed = seed
            let batches = try ArrayBatches(
                inputs: [samples.x], targets: [samples.y], batchSize: 16, shuffle: true, seed: seed)
            try model.fit(batches, epochs: 2, workers: workers, verbose: false)
            return try model.weights()
        }
        let reference = try weights(workers: 0)
        #expect(try weights(workers: 1) == reference)
        #expect(try weights(workers: 3) == reference)
        #expect(try weights(workers: 3, seed: 2) != reference)
    }

    /// Four epochs, and two epochs, a file, and two more.
    @Test(arguments: TestBackend.allCases)
    func aResumedRunEndsWithTheSameBits(backend: TestBackend) throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let decay = PolynomialDecay(initialLearningRate: 0.02, decaySteps: 4)
        func fit(_ model: Model, from first: Int, to last: Int) throws {
            try model.fit(
                samples.x, samples.y, batchSize: 16, epochs: last, initialEpoch: first,
                callbacks: [LearningRateScheduler(decay), ModelCheckpoint(path)], verbose: false)
        }
        let straight = try network(backend: backend)
        try fit(straight, from: 0, to: 4)

        try fit(try network(backend: backend), from: 0, to: 2)
        let resumed = try Model.load(path, on: backend)
        #expect(resumed.state.epochs == 2)
        try resumed.checkContinues(try network(), from: 2, path: path)
        try fit(resumed, from: 2, to: 4)
        #expect(try resumed.weights() == straight.weights())
    }

    /// A file in a checkpoint's place that is not known to be intact does not replace the previous one.
    @Test func aDamagedFileIsNotKept() throws {
        let path = temporaryPath(), previous = ModelCheckpoint.previousPath(path)
        defer { for file in [path, previous] { try? FileManager.default.removeItem(atPath: file) } }
        func fit(_ model: Model, from first: Int, to last: Int) throws {
            try model.fit(
                samples.x, samples.y, batchSize: 35, epochs: last, initialEpoch: first,
                callbacks: [ModelCheckpoint(path)], verbose: false)
        }
        func epochs(_ path: String) throws -> Int { try Model.load(path).state.epochs }
        try fit(network(), from: 0, to: 2)
        #expect(try epochs(previous) == 1 && epochs(path) == 2)

        try Data("no model".utf8).write(to: URL(fileURLWithPath: path))
        let resumed = try Model.load(previous)
        try fit(resumed, from: 1, to: 2)
        #expect(try epochs(previous) == 1 && epochs(path) == 2)
        try fit(Model.load(path), from: 2, to: 3)
        #expect(try epochs(previous) == 2 && epochs(path) == 3)
    }

    /// Stopped by a callback within an epoch, saved and loaded: only the rest of the epoch is trained.
    @Test(arguments: [1, 2, 3])
    func aRunStoppedWithinAnEpochEndsWithTheSameBits(steps: Int) throws {
        final class Stop: Callback {
            let steps: Int
            init(_ steps: Int) { self.steps = steps }
            func onBatchEnd(_ step: Int, logs: Logs, model: Model) {
                model.stopTraining = model.state.iterations == steps
            }
        }
        func fit(_ model: Model, from first: Int, _ callbacks: [any Callback] = []) throws {
            try model.fit(
                samples.x, samples.y, batchSize: 35, epochs: 2, initialEpoch: first, callbacks: callbacks,
                verbose: false)
        }
        let straight = try network()
        try fit(straight, from: 0)
        let stopped = try network()
        try fit(stopped, from: 0, [Stop(steps)])
        #expect(stopped.state.iterations == steps && stopped.state.epochs == steps / 2)
        #expect(stopped.state.step == steps % 2)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try stopped.save(path)
        let resumed = try Model.load(path)
        #expect(resumed.state.step == stopped.state.step)
        try fit(resumed, from: resumed.state.epochs)
        #expect(resumed.state.iterations == 4)
        #expect(try resumed.weights() == straight.weights())
    }

    /// Stopped during validation, the run keeps the epoch's training and repeats only the validation. If a callback
    /// stops the run at the epoch's last step, the epoch is completed.
    @Test(arguments: [0, 1]) func aRunStoppedWhileValidatingEndsWithTheSameBits(step: Int) throws {
        final class Stop: Callback {
            let step: Int
            var epochsEnded = 0
            init(_ step: Int) { self.step = step }
            func onTestBatchEnd(_ step: Int, model: Model) { model.stopTraining = step == self.step }
            func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) { epochsEnded += 1 }
        }
        func fit(_ model: Model, from first: Int = 0, _ callbacks: [any Callback] = []) throws -> History {
            try model.fit(
                samples.x, samples.y, batchSize: 35, epochs: 2, initialEpoch: first,
                validation: (samples.x, samples.y), callbacks: callbacks, verbose: false)
        }
        let straight = try network()
        let expected = try fit(straight)
        let stopped = try network()
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let stop = Stop(step)
        _ = try fit(stopped, [stop, ModelCheckpoint(path)])
        #expect(stop.epochsEnded == 0 && stopped.state.iterations == 2 && stopped.state.epochs == 0)
        let resumed = try Model.load(path)
        #expect(resumed.state.step == 2)
        #expect(try fit(resumed).epochs == expected.epochs)
        #expect(resumed.state.iterations == 4)
        #expect(try resumed.weights() == straight.weights())

        final class StopAtTheEnd: Callback {
            func onBatchEnd(_ step: Int, logs: Logs, model: Model) { model.stopTraining = step == 1 }
        }
        #expect(try fit(network(), [StopAtTheEnd()]).epochs.count == 1)
    }

    /// An error in the validation's data does not lose the epoch's training.
    @Test func anErrorWhileValidatingKeepsTheTraining() throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let model = try network()
        #expect(throws: (any Error).self) {
            try model.fit(
                samples.x, samples.y, batchSize: 35, validation: (samples.x, Tensor(shape: [samples.x.shape[0], 7])),
                callbacks: [ModelCheckpoint(path)], verbose: false)
        }
        #expect(try Model.load(path).state.step == 2)
    }

    /// Another number of steps in an epoch means other data than before.
    @Test func aStoppedRunDoesNotResumeWithOtherData() throws {
        final class Stop: Callback {
            func onBatchEnd(_ step: Int, logs: Logs, model: Model) { model.stopTraining = true }
        }
        let model = try network()
        try model.fit(samples.x, samples.y, batchSize: 16, epochs: 1, callbacks: [Stop()], verbose: false)
        #expect { try model.fit(samples.x, samples.y, batchSize: 8, epochs: 1, verbose: false) } throws: {
            "\($0)".contains("stopped after 1 of the")
        }
        #expect(throws: EpochError.self) { try model.checkContinues(try network(), from: 2, path: "m.hdf5") }
    }

    @Test func resumingChecksItsArguments() throws {
        let model = try network()
        #expect(throws: ModelFileError.self) { try model.checkContinues(everyLayer(), from: 1, path: "m.hdf5") }
        try model.fit(samples.x, samples.y, batchSize: 64, verbose: false)
        #expect { try model.checkContinues(try network(), from: 3, path: "m.hdf5") } throws: {
            ($0 as? EpochError)?.trained == 1
        }
    }

    @Test func schedulesPerEpochAndPerStep() throws {
        final class Rates: Callback {
            var rates: [Double] = []
            func onBatchEnd(_ step: Int, logs: Logs, model: Model) { rates.append(model.learningRate) }
        }
        let table = StepTable([(1, 0.5), (2, 0.25), (9, 0.125)])
        func rates(per unit: LearningRateScheduler.Unit) throws -> [Double] {
            let recorder = Rates()
            try network().fit(
                samples.x, samples.y, batchSize: 35, epochs: 2,
                callbacks: [LearningRateScheduler(table, per: unit), recorder],
                verbose: false)
            return recorder.rates
        }
        #expect(try rates(per: .epoch) == [0.5, 0.5, 0.25, 0.25])
        #expect(try rates(per: .step) == [0.5, 0.25, 0.125, 0.125])
    }

    @Test func aNaNLossStopsTheRun() throws {
        let model = try network()
        model.compile(loss: .meanSquaredError, optimizer: SGD(learningRate: 1e30))
        #expect { try model.fit(samples.x, samples.y, batchSize: 16, epochs: 3, verbose: false) } throws: {
            "\($0)".contains("epoch 1, step") && "\($0)".contains("1e+30")
        }
    }

    /// One step that is finite before its update: only the validation shows the new weights.
    @Test func aNaNValidationLossKeepsTheLastGoodFile() throws {
        let path = temporaryPath()
        let model = try network()
        model.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 1e38))
        #expect {
            try model.fit(
                samples.x, samples.y, batchSize: 70, validation: samples, callbacks: [ModelCheckpoint(path)],
                verbose: false)
        } throws: { "\($0)".contains("validation loss became") }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    /// A softmax of one unit is always 1, whatever the logit below it.
    @Test func aSingleClassIsAlwaysRight() throws {
        let input = Input(shape: [2])
        let model = try Model(
            inputs: input, outputs: Dense(1, activation: .softmax, kernelInitializer: .constant(1))(input)
        ).on(.any)
        model.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.1))
        let inputs = Tensor(shape: [2, 2], scalars: [3, 4, -3, -4])
        #expect(try model.evaluate(inputs, Tensor(repeating: 1, shape: [2, 1]))["acc"] == 1)
    }

    @Test func mismatchedArgumentsAreReported() throws {
        let model = try network()
        let few = samples.y[rows: 0..<3]
        #expect(throws: TrainingError.self) { try model.fit(samples.x, few, verbose: false) }
        #expect(throws: TrainingError.self) {
            try model.fit(samples.x, samples.y, epochs: 1, initialEpoch: 2, verbose: false)
        }
        let wide = Tensor(repeating: 0, shape: [70, 5])
        #expect { try model.fit(samples.x, wide, verbose: false) } throws: { "\($0)".contains("(32, 5)") }
        #expect(throws: (any Error).self) { try model.predict(Tensor(repeating: 0, shape: [2, 9, 8, 3])) }
        let input = Input(shape: [2])
        let uncompiled = Model(inputs: input, outputs: Dense(1)(input))
        #expect {
            try uncompiled.fit(Tensor(repeating: 0, shape: [4, 2]), Tensor(repeating: 0, shape: [4, 1]))
        } throws: {
            "\($0)".contains("compile")
        }
    }

    @Test func aFailingGeneratorEndsTheRunWithItsError() throws {
        struct Failing: BatchGenerator {
            let sampleCount = 64, batchSize = 16
            func batch(epoch: Int, step: Int) throws -> Batch {
                if step == 2 { throw TrainingError("the disk is gone") }
                return Batch(inputs: [samples.x[rows: 0..<16]], targets: [samples.y[rows: 0..<16]])
            }
        }
        #expect(throws: TrainingError("the disk is gone")) { try network().fit(Failing(), epochs: 1, verbose: false) }
    }
}

@Suite struct ModelTests {
    @Test func theSummaryIsKerassTable() {
        let input = Input(shape: [4, 4, 3])
        let a = Conv2D(1_000, kernelSize: (1, 1))(input)
        let model = Model(inputs: input, outputs: BatchNormalization()(a), name: "tiny")
        #expect(
            model.summary() == """
                Model: "tiny"
                ┌──────────────────────────────────────────┬────────────────────┬─────────┬──────────────┐
                │ Layer (type)                             │ Output Shape       │ Param # │ Connected to │
                ├──────────────────────────────────────────┼────────────────────┼─────────┼──────────────┤
                │ input_layer (InputLayer)                 │ (None, 4, 4, 3)    │       0 │ -            │
                │ conv2d (Conv2D)                          │ (None, 4, 4, 1000) │   4,000 │ input_layer  │
                │ batch_normalization (BatchNormalization) │ (None, 4, 4, 1000) │   4,000 │ conv2d       │
                └──────────────────────────────────────────┴────────────────────┴─────────┴──────────────┘
                Total params: 8,000 (31.25 KB)
                Trainable params: 6,000 (23.44 KB)
                Non-trainable params: 2,000 (7.81 KB)
                """)
    }

    @Test func namesAreCountedPerModel() {
        func names() -> [String] {
            let input = Input(shape: [4])
            let x = Dense(2)(Dense(3, name: "dense_1")(Dense(3)(input)))
            return Model(inputs: input, outputs: x).layers.map(\.name)
        }
        // A given name is kept, and numbers skip it.
        #expect(names() == ["input_layer", "dense", "dense_1", "dense_2"])
        #expect(names() == names())
    }

    /// Only a malicious file has such layers.
    @Test func layersTooLargeForAnyMachineAreRefused() throws {
        let x = Input(shape: [64, 64, 64])
        for layer: any Layer in [
            Conv2D(1 << 45, kernelSize: (1, 1)), Conv2D(8, kernelSize: (1 << 31, 1 << 31), padding: .same),
            Dense(1 << 62),
        ] {
            #expect(throws: LayerError.self) { try KerasTensor(layer, [x]) }
        }
    }

    @Test func networksThatDoNotFitTogetherAreRefused() throws {
        let a = Input(shape: [4, 4, 3]), b = Input(shape: [5, 4, 3])
        #expect(throws: LayerError.self) { try KerasTensor(Concatenate(), [a, b]) }
        #expect(throws: LayerError.self) { try KerasTensor(Add(), [a, b]) }
        #expect(throws: LayerError.self) { try KerasTensor(Conv2D(3, kernelSize: (5, 5)), [a]) }
        #expect(throws: LayerError.self) { try KerasTensor(Dropout(1), [a]) }
        #expect(throws: LayerError.self) {
            try Model(inputs: [a], outputs: [Flatten(name: "x")(a), Flatten(name: "x")(a)], checkedName: "m")
        }
        #expect(throws: LayerError.self) { try Model(inputs: [a], outputs: [Flatten()(b)], checkedName: "m") }
    }

    /// Mean and deviation of each initializer, for a kernel of fan-in 90 and fan-out 54.
    @Test(arguments: [Initializer.glorotUniform, .glorotNormal, .heUniform, .heNormal])
    func initializers(initializer: Initializer) {
        let isHe = initializer == .heUniform || initializer == .heNormal
        let variance: Double = isHe ? 2 / 90 : 2 / 144
        let values = (0..<40).flatMap { index in
            initializer(
                shape: [3, 3, 10, 6], stream: RandomStream(seed: 1, purpose: .initialization, index: index)
            ).scalars.map(Double.init)
        }
        let mean = values.reduce(0, +) / Double(values.count)
        let spread = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        #expect(abs(mean) < 0.05 * variance.squareRoot())
        #expect(abs(spread / variance - 1) < 0.05)
    }
}
