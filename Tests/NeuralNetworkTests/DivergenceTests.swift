import FixtureSupport
import Foundation
import Tensors
import Testing
@testable import NeuralNetwork

/// A number that becomes infinite or NaN ends the run at its step, and the error names its place.
@Suite struct DivergenceTests {
    /// Two layers with weights before the outputs "first" and "second", each the mean of squares.
    private func network(
        backend: TestBackend = .any, outputs: [String] = ["first"], lossWeights: [Double]? = nil,
        learningRate: Double = 0.01
    ) throws -> Model {
        let input = Input(shape: [8, 8, 3], name: "pixels")
        let conv = Conv2D(16, kernelSize: (3, 3), padding: .same, name: "conv")(input)
        var x = Activation(.relu)(BatchNormalization(name: "bn")(conv))
        x = Flatten()(MaxPooling2D((2, 2))(x))
        let model = try Model(inputs: [input], outputs: outputs.map { Dense(4, name: $0)(x) }).on(backend)
        model.compile(loss: .meanSquaredError, lossWeights: lossWeights, optimizer: SGD(learningRate: learningRate))
        return model
    }

    private func samples(_ count: Int = 32) -> (x: Tensor, y: Tensor) {
        var y = Tensor(repeating: 0, shape: [count, 4])
        for row in 0..<count { y.scalars[row * 4 + row % 4] = 1 }
        return (hashImages("divergence", [count, 8, 8, 3]), y)
    }

    /// Sets the first number of a weight.
    private func spoil(_ model: Model, _ name: String, _ value: Float) throws {
        var weights = try model.weights()
        let index = try #require(model.graph.parameters.firstIndex { $0.name == name })
        weights[index].scalars[0] = value
        try model.setWeights(weights)
    }

    private func divergence(_ body: () throws -> Void) throws -> DivergenceError {
        let error = #expect(throws: DivergenceError.self) { try body() }
        return try #require(error)
    }

    private func fit(
        _ model: Model, _ samples: (x: Tensor, y: Tensor), validation: (Tensor, Tensor)? = nil, epochs: Int = 1,
        callbacks: [any Callback] = []
    ) throws {
        try model.fit(
            samples.x, samples.y, batchSize: 16, epochs: epochs, validation: validation, shuffle: false,
            callbacks: callbacks, verbose: false)
    }

    // MARK: - The step

    @Test(arguments: TestBackend.allCases, [["first"], ["first", "second"]])
    func theErrorNamesEpochStepAndLearningRate(backend: TestBackend, outputs: [String]) throws {
        let model = try network(backend: backend, outputs: outputs)
        final class Spoiler: Callback {
            func onBatchBegin(_ step: Int, model: Model) throws {
                guard model.state.iterations == 3 else { return }
                try model.setWeights(model.weights().map { Tensor(repeating: .nan, shape: $0.shape) })
            }
        }
        let error = try divergence { try fit(model, samples(), epochs: 3, callbacks: [Spoiler()]) }
        #expect(error.quantity == .loss && error.epoch == 1 && error.step == 1 && error.learningRate == 0.01)
        #expect(error.anomaly == nil)
        #expect("\(error)".hasPrefix("the loss became not a number in epoch 2, step 2, at learning rate 0.01; "))
        #expect(error.hidesLayer)
    }

    // MARK: - The layer

    @Test(arguments: TestBackend.allCases)
    func theLayerThatOverflowsIsNamed(backend: TestBackend) throws {
        let model = try network(backend: backend)
        model.detectsAnomalies = true
        try model.setWeights(
            zip(model.weights(), model.graph.parameters).map { weight, parameter in
                parameter.name == "conv/kernel" ? Tensor(repeating: 3e38, shape: weight.shape) : weight
            })
        let error = try divergence { try fit(model, samples()) }
        #expect(error.anomaly == .output(ofLayer: "conv", weights: []), "\(error)")
    }

    @Test(arguments: TestBackend.allCases)
    func oneOfSeveralHeadsThatOverflowsIsNamed(backend: TestBackend) throws {
        let model = try network(backend: backend, outputs: ["first", "second"], lossWeights: [1, 0.3])
        model.detectsAnomalies = true
        try spoil(model, "second/bias", .infinity)
        let error = try divergence { try fit(model, samples()) }
        #expect(error.anomaly == .output(ofLayer: "second", weights: ["bias"]), "\(error)")
        #expect("\(error)".contains("is \"second\", and neither is its bias"))
    }

    /// A ReLU may turn NaN into 0: the loss stays finite, so the weight has to be checked.
    @Test(arguments: TestBackend.allCases, [false, true])
    func aReLUHidesNothing(backend: TestBackend, detects: Bool) throws {
        let input = Input(shape: [4, 4, 3])
        let x = Conv2D(4, kernelSize: (1, 1), activation: .relu, name: "rectified")(input)
        let model = try Model(inputs: input, outputs: Dense(4, name: "out")(Flatten()(x))).on(backend)
        model.compile(loss: .meanSquaredError, optimizer: SGD(learningRate: 0.01))
        model.detectsAnomalies = detects
        try spoil(model, "rectified/kernel", .nan)
        let images = hashImages("relu", [2, 4, 4, 3]), targets = Tensor(repeating: 0, shape: [2, 4])
        let error = try divergence { try fit(model, (images, targets)) }
        #expect("\(error)".contains("\"rectified") || (!detects && error.quantity == .loss), "\(error)")
    }

    /// Outputs of 1e20 have squares that are finite in double precision; times inputs of 1e20 they no longer are.
    @Test(arguments: TestBackend.allCases)
    func aGradientStopsTheRunBeforeItSpoilsTheWeights(backend: TestBackend) throws {
        let input = Input(shape: [2])
        let model = try Model(inputs: input, outputs: Dense(1, useBias: false, name: "dense")(input)).on(backend)
        model.compile(loss: .meanSquaredError, optimizer: SGD(learningRate: 0.01))
        model.detectsAnomalies = true
        try model.setWeights([Tensor(repeating: 1, shape: [2, 1])])
        let batch = Batch(
            inputs: [Tensor(repeating: 1e20, shape: [4, 2])], targets: [Tensor(repeating: 0, shape: [4, 1])])
        let error = try divergence { try model.trainOnBatch(batch) }
        #expect(error.quantity == .gradient(ofWeight: "dense/kernel"))
        #expect(error.anomaly == .gradient(ofWeight: "dense/kernel"))
        #expect(try model.weights()[0].isFinite)
        // Without checks the step is taken, and the next step's loss shows it.
        model.detectsAnomalies = false
        try model.trainOnBatch(batch)
        #expect(try divergence { try model.trainOnBatch(batch) }.quantity == .loss)
    }

    /// The step that spoils a weight is named, not the next one.
    @Test(arguments: TestBackend.allCases)
    func theWeightThatAnUpdateSpoilsIsNamed(backend: TestBackend) throws {
        let model = try network(backend: backend, learningRate: .greatestFiniteMagnitude)
        model.detectsAnomalies = true
        let error = try divergence { try fit(model, samples()) }
        #expect(error.quantity == .weight("conv/kernel") && error.step == 0, "\(error)")
        #expect("\(error)".contains("the weight \"conv/kernel\" became infinite or not a number in epoch 1, step 1"))
    }

    /// Every kind of layer runs, in training and in inference, and nothing is reported.
    @Test(arguments: TestBackend.allCases)
    func finiteNumbersAreNotReported(backend: TestBackend) throws {
        let model = try everyLayer().on(backend)
        model.compile(loss: .meanSquaredError, optimizer: SGD(learningRate: 0.01))
        model.detectsAnomalies = true
        #expect(try step(model, 0).isFinite)
        let batch = Batch(inputs: [hashImages("finite", [4, 12, 12, 3])], targets: [])
        let dropout = RandomStream(seed: 1, purpose: .dropout, epoch: 0, index: 0)
        #expect(try model.anomaly(in: batch, dropout: dropout) == .loss)
        #expect(try model.anomaly(in: batch, dropout: nil) == .loss)
    }

    // MARK: - The data

    /// With and without the flag: this check costs nothing.
    @Test(arguments: [false, true])
    func dataThatAreNotFiniteAreNamedInsteadOfALayer(detects: Bool) throws {
        let model = try network(outputs: ["first", "second"])
        model.detectsAnomalies = detects
        var (x, y) = samples()
        x.scalars[19 * 8 * 8 * 3 + 5] = .nan
        let error = try divergence { try fit(model, (x, y)) }
        #expect(error.anomaly == .input("pixels", sample: 3) && error.step == 1)
        #expect("\(error)".contains("sample 4 of the batch, at the input \"pixels\""))
        #expect(!"\(error)".contains("a smaller one"))

        y.scalars[2 * 4] = .infinity
        let targets = try divergence { try fit(network(outputs: ["first", "second"]), (samples().x, y)) }
        #expect(targets.anomaly == .target(ofOutput: "first", sample: 2))
    }

    @Test func validationDataThatAreNotFiniteAreNamed() throws {
        let model = try network()
        var validation = samples(20)
        validation.x.scalars[17 * 8 * 8 * 3] = .infinity
        let error = try divergence { try fit(model, samples(), validation: (validation.x, validation.y)) }
        #expect(error.quantity == .validationLoss && error.step == nil)
        #expect(error.anomaly == .input("pixels", sample: 1))
    }

    // MARK: - The checkpoint

    /// The learning rate jumps in the second epoch: the checkpoint of the first is kept and named.
    @Test(arguments: [["first"], ["first", "second"]])
    func theLastGoodCheckpointIsKeptAndNamed(outputs: [String]) throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let model = try network(outputs: outputs)
        let error = try divergence {
            try fit(
                model, samples(), epochs: 3,
                callbacks: [LearningRateScheduler(StepTable([(1, 0.01), (9, 1e38)])), ModelCheckpoint(path)])
        }
        #expect(error.epoch == 1 && error.learningRate == 1e38)
        #expect(error.checkpoint?.description == "\(path), after 1 epoch")
        #expect("\(error)".hasSuffix("the last good checkpoint is \(path), after 1 epoch"))
        let kept = try Model.load(path)
        #expect(try kept.state.epochs == 1 && kept.weights().allSatisfy(\.isFinite))
        // A run resumed from it names it before it has written its own.
        kept.learningRate = 1e38
        let again = try divergence {
            try kept.fit(samples().x, samples().y, epochs: 3, initialEpoch: 1, verbose: false)
        }
        #expect(again.checkpoint == error.checkpoint)
    }

    /// Only the update of the last step goes wrong, so no loss has shown it.
    @Test func weightsThatTheLastStepSpoiledAreNotSaved() throws {
        let path = temporaryPath()
        let model = try network(learningRate: .greatestFiniteMagnitude)
        let all = samples(16)
        let error = try divergence { try fit(model, all, callbacks: [ModelCheckpoint(path)]) }
        #expect(error.quantity == .weight("conv/kernel") && error.step == nil && error.checkpoint == nil)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    /// Interrupted after that step.
    @Test func weightsSpoiledWhenTrainingStopsAreNotSaved() throws {
        final class StopAndSave: Callback {
            let path: String
            init(_ path: String) { self.path = path }
            func onBatchEnd(_ step: Int, logs: Logs, model: Model) { model.stopTraining = true }
            func onTrainEnd(_ model: Model) throws { try model.save(path) }
        }
        let path = temporaryPath()
        let model = try network(learningRate: .greatestFiniteMagnitude)
        let error = try divergence { try fit(model, samples(), callbacks: [StopAndSave(path)]) }
        #expect(error.quantity == .weight("conv/kernel") && error.step == 0)
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
