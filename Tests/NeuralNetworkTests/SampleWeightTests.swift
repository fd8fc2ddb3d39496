import ComputeGraph
import FixtureSupport
import Foundation
import Tensors
import Testing
@testable import NeuralNetwork

/// Weights of samples and of classes in training and evaluation, beyond the numbers of ``LossFixtureTests``.
@Suite struct SampleWeightTests {
    private static let x = hashUniform("weights", shape: [12, 5], -1, 1)
    private static let labels = (0..<12).map { ($0 * $0 + $0 / 5) % 3 }
    private static let y = oneHot(labels, classes: 3)
    private static let classWeight = [0: 0.25, 2: 3.0]
    /// The same for each sample.
    private static let sampleWeight: [Float] = labels.map { [0.25, 1, 3][$0] }
    private static let uneven = (0..<12).map { Float($0 % 4) * 0.75 }

    private func network(
        _ backend: TestBackend = .any, _ loss: Loss = .categoricalCrossentropy, kernel: Regularizer? = nil,
        activity: Regularizer? = nil, momentum: Double = 0
    ) throws -> Model {
        let input = Input(shape: [5])
        let hidden = Dense(
            7, activation: .tanh, kernelRegularizer: kernel, activityRegularizer: activity, name: "hidden")(input)
        let model = try Model(inputs: input, outputs: Dense(3, activation: .softmax, name: "classes")(hidden))
            .on(backend)
        model.compile(loss: loss, optimizer: SGD(learningRate: 0.5, momentum: momentum))
        return model
    }

    private func isNear(_ a: [Tensor], _ b: [Tensor], within limit: Double = 2e-6) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { Difference("", $0, $1, absolute: limit).isWithinTolerance }
    }

    // MARK: - Properties

    /// But for the divisor, which is the number of samples.
    @Test(arguments: TestBackend.allCases) func aWeightOfTwoIsTheSampleTwice(on backend: TestBackend) throws {
        let rows = Array(0..<12) + (0..<12).filter { Self.labels[$0] == 1 }
        let weighted = try network(backend), doubled = try network(backend)
        let loss = try weighted.fit(Self.x, Self.y, classWeight: [1: 2], verbose: false)["loss"][0]
        doubled.learningRate *= Double(rows.count) / 12
        let other = try doubled.fit(
            Self.x.gathered(rows: rows), Self.y.gathered(rows: rows), shuffle: false, verbose: false)["loss"][0]
        #expect(rows.count > 12 && abs(loss * 12 - other * Double(rows.count)) < 1e-4)
        #expect(try isNear(weighted.weights(), doubled.weights()))
    }

    @Test(arguments: TestBackend.allCases) func weightsOfOneChangeNoBit(on backend: TestBackend) throws {
        func fit(_ classWeight: [Int: Double]?, _ sampleWeight: [Float]? = nil) throws -> ([Logs], [Tensor]) {
            let model = try smallNetwork(on: smallBody(), backend), batch = smallBatch()
            let history = try model.fit(
                batch.inputs[0], batch.targets[0], batchSize: 4, epochs: 3, classWeight: classWeight,
                sampleWeight: sampleWeight, verbose: false)
            return (history.epochs, try model.weights())
        }
        let plain = try fit(nil)
        for (logs, weights) in [try fit([:]), try fit([0: 1, 2: 1]), try fit(nil, Array(repeating: 1, count: 6))] {
            #expect(logs == plain.0 && weights == plain.1)
        }
        #expect(try fit([0: 2]).1 != plain.1)
    }

    /// Samples keep their weights in any order; and the class is that of the target before it is smoothed, here to
    /// nothing.
    @Test(arguments: TestBackend.allCases, [0, 1.0])
    func classWeightsAreSampleWeights(on backend: TestBackend, smoothing: Double) throws {
        func fit(_ classWeight: [Int: Double]?, _ sampleWeight: [Float]?) throws -> [Tensor] {
            let model = try network(backend, .categoricalCrossentropy(labelSmoothing: smoothing), momentum: 0.9)
            try model.fit(
                Self.x, Self.y, batchSize: 5, epochs: 3, classWeight: classWeight, sampleWeight: sampleWeight,
                verbose: false)
            return try model.weights()
        }
        let byClass = try fit(Self.classWeight, nil)
        #expect(try byClass == fit(nil, Self.sampleWeight))
        #expect(try byClass != fit(nil, nil) && byClass != fit(nil, Self.sampleWeight.reversed()))
    }

    /// One plan serves batches with weights and without, and takes those of each batch.
    @Test(arguments: TestBackend.allCases) func batchesOfBothKindsShareAPlan(on backend: TestBackend) throws {
        let counting = CountingBackend(backend.backend), model = try network(backend)
        try model.move(to: counting)
        for weights in [nil, Self.uneven, nil, Self.sampleWeight, Self.uneven, nil, nil, Self.sampleWeight] {
            let batch = Batch(inputs: [Self.x], targets: [Self.y], sampleWeights: weights)
            let alone = try network(backend)
            try alone.setWeights(model.weights())
            let losses = (try alone.trainOnBatch(batch), try model.trainOnBatch(batch))
            #expect(losses.0 == losses.1)
            #expect(try alone.weights() == model.weights())
        }
        #expect(counting.counts.plans.load(ordering: .relaxed) == 1)
    }

    /// Neither penalties on weights nor those on outputs, in loss and gradient; and right answers count.
    @Test(arguments: TestBackend.allCases) func penaltiesAndAccuracyHaveNoWeights(on backend: TestBackend) throws {
        let plain = try network(backend), without = try plain.evaluate(Self.x, Self.y)
        let model = try network(backend, kernel: L2(0.1), activity: L2(0.3)), before = try plain.weights()
        try model.setWeights(before)
        let whole = try #require(try model.evaluate(Self.x, Self.y)["loss"])
        let none = try model.evaluate(Self.x, Self.y, sampleWeight: Array(repeating: 0, count: 12))
        #expect(try abs(#require(none["loss"]) - (whole - #require(without["loss"]))) < 1e-5)
        #expect(try #require(none["loss"]) > 0.1 && none["acc"] == without["acc"] && none["acc"] != 0)

        let penalized = try network(backend, kernel: L2(0.1))
        try penalized.setWeights(before)
        let history = try penalized.fit(
            Self.x, Self.y, sampleWeight: Array(repeating: 0, count: 12), verbose: false)
        #expect(history["acc"] == [without["acc"] ?? .nan])
        // At a rate of 0.5 an L2 of 0.1 takes a tenth of its kernel.
        var expected = before
        expected[0].scalars = before[0].scalars.map { $0 * 0.9 }
        #expect(try isNear(penalized.weights(), expected, within: 1e-7))

        let active = try network(backend, activity: L2(0.3))
        try active.setWeights(before)
        try active.fit(Self.x, Self.y, sampleWeight: Array(repeating: 0, count: 12), verbose: false)
        #expect(try active.weights()[0] != before[0] && active.weights()[2...] == before[2...])
    }

    /// All rows of a sample have its weight.
    @Test(arguments: TestBackend.allCases) func aSampleMayHaveSeveralRows(on backend: TestBackend) throws {
        let x = hashUniform("rows", shape: [4, 2, 3, 5], -2, 2), weights: [Float] = [0, 2.5, 1, 0.5]
        let y = oneHot((0..<24).map { $0 * 7 % 5 }, classes: 5), targets = Tensor(shape: x.shape, scalars: y.scalars)
        let input = Input(shape: [2, 3, 5])
        let model = try Model(inputs: input, outputs: Activation(.softmax)(input)).on(backend)
        model.compile(loss: .categoricalCrossentropy, optimizer: SGD())
        let expected = try (0..<4).reduce(0) { sum, row in
            try sum
                + Double(weights[row])
                * #require(try model.evaluate(x[rows: row..<row + 1], targets[rows: row..<row + 1])["loss"])
        }
        let loss = try #require(try model.evaluate(x, targets, sampleWeight: weights)["loss"])
        #expect(abs(loss - expected / 4) < 1e-5)

        let plan = try model.plan(batchSize: 4, mode: .training(model.objectives(), gradients: model.graph.inputs))
        let gradient = try plan.step([x], targets: [targets], dropout: nil).gradients[0]
        let weighted = try plan.step([x], targets: [targets], sampleWeights: weights, dropout: nil).gradients[0]
        let products = gradient.scalars.enumerated().map { $1 * weights[$0 / 30] }
        #expect(isNear([weighted], [Tensor(shape: x.shape, scalars: products)], within: 1e-7))
    }

    /// A single unit's class is its target: 0 or 1.
    @Test func aSingleUnitHasTwoClasses() throws {
        let y = Tensor(shape: [12, 1], scalars: (0..<12).map { $0 % 3 == 0 ? 1 : 0 })
        func fit(_ classWeight: [Int: Double]?, _ sampleWeight: [Float]?) throws -> [Tensor] {
            let model = try Sequential([5], [Dense(1, activation: .sigmoid)]).on(.any)
            model.compile(loss: .binaryCrossentropy, optimizer: SGD(learningRate: 0.5))
            try model.fit(
                Self.x, y, batchSize: 5, epochs: 2, classWeight: classWeight, sampleWeight: sampleWeight,
                verbose: false)
            return try model.weights()
        }
        let byClass = try fit([0: 0.5, 1: 4], nil)
        #expect(try byClass == fit(nil, y.scalars.map { $0 == 1 ? 4 : 0.5 }))
        #expect(try byClass != fit(nil, nil))
    }

    /// Every output is weighted, beside its own loss weight, if all learn the same targets.
    @Test func outputsOfTheSameTargetsHaveClassWeights() throws {
        func network() throws -> Model {
            let input = Input(shape: [5])
            let model = try Model(
                inputs: [input], outputs: ["a", "b"].map { Dense(3, activation: .softmax, name: $0)(input) }
            ).on(.any)
            model.compile(
                loss: .categoricalCrossentropy, lossWeights: [1, 0.3], optimizer: SGD(learningRate: 0.5))
            return model
        }
        let byClass = try network(), bySample = try network()
        try byClass.fit(Self.x, Self.y, batchSize: 5, epochs: 2, classWeight: Self.classWeight, verbose: false)
        try bySample.fit(Self.x, Self.y, batchSize: 5, epochs: 2, sampleWeight: Self.sampleWeight, verbose: false)
        #expect(try byClass.weights() == bySample.weights())

        let unequal = try ArrayBatches(
            inputs: [Self.x], targets: [Self.y, oneHot(Self.labels.reversed(), classes: 3)], batchSize: 12,
            shuffle: false, seed: 0)
        #expect(
            message { try network().fit(unequal, epochs: 1, classWeight: [0: 2], verbose: false) }
                == "class weights need outputs that all learn the same targets; give sample weights instead")
    }

    /// As in Keras. Batches of the validation may have weights of their own.
    @Test func classWeightsAreNotTheValidations() throws {
        let model = try network()
        let history = try model.fit(
            Self.x, Self.y, validation: (Self.x, Self.y), classWeight: [0: 0, 1: 9], verbose: false)
        #expect(try history["val_loss"] == [#require(model.evaluate(Self.x, Self.y)["loss"])])
        let validation = try ArrayBatches(
            inputs: [Self.x], targets: [Self.y], sampleWeights: Self.uneven, batchSize: 32, shuffle: false, seed: 0)
        let weighted = try model.fit(
            ArrayBatches(inputs: [Self.x], targets: [Self.y], batchSize: 32, shuffle: true, seed: 1), epochs: 1,
            validation: validation, classWeight: [0: 2], verbose: false)
        #expect(
            try weighted["val_loss"]
                == [#require(model.evaluate(Self.x, Self.y, sampleWeight: Self.uneven)["loss"])])
        #expect(try weighted["val_loss"] != [#require(model.evaluate(Self.x, Self.y)["loss"])])
        // A prediction has no use for them.
        #expect(try model.predict(validation) == model.predict(Self.x))
    }

    /// Stopped after an epoch, and within the next.
    @Test(arguments: TestBackend.allCases, [3, 5])
    func aResumedRunEndsWithTheSameBits(on backend: TestBackend, steps: Int) throws {
        final class Stop: Callback {
            let steps: Int
            init(_ steps: Int) { self.steps = steps }
            func onBatchEnd(_ step: Int, logs: Logs, model: Model) {
                model.stopTraining = model.state.iterations == steps
            }
        }
        func fit(_ model: Model, _ callbacks: [any Callback] = []) throws -> History {
            try model.fit(
                Self.x, Self.y, batchSize: 5, epochs: 3, initialEpoch: model.state.epochs,
                classWeight: Self.classWeight, callbacks: callbacks, verbose: false)
        }
        let straight = try network(backend, momentum: 0.9), expected = try fit(straight)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).hdf5").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let stopped = try network(backend, momentum: 0.9)
        _ = try fit(stopped, [Stop(steps)])
        #expect(stopped.state.iterations == steps)
        try stopped.save(path)
        let resumed = try Model.load(path, on: backend)
        #expect(try fit(resumed)["loss"].suffix(2) == expected["loss"].suffix(2))
        #expect(try resumed.weights() == straight.weights())
    }

    // MARK: - Faults

    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "nothing was thrown"
        } catch { return "\(error)" }
    }

    @Test func classWeightsThatDoNotFitAreRefused() throws {
        let model = try network(), before = try model.weights()
        func fault(_ classWeight: [Int: Double]) -> String {
            message { try model.fit(Self.x, Self.y, classWeight: classWeight, verbose: false) }
        }
        #expect(fault([3: 2]) == "a weight is given for class 3, but the output has 3 classes, counted from 0")
        #expect(fault([0: 1, -1: 2]) == "a weight is given for class -1, but the output has 3 classes, counted from 0")
        for (value, text) in [(-0.5, "-0.5"), (.nan, "nan"), (.infinity, "inf"), (1e300, "1e+300")] {
            #expect(fault([1: value]) == "the weight of class 1 is \(text), but must be finite and not negative")
        }
        #expect(try model.weights() == before && model.state.iterations == 0)

        let single = try Sequential([5], [Dense(1, activation: .sigmoid)]).on(.any)
        single.compile(loss: .binaryCrossentropy, optimizer: SGD())
        #expect(
            message { try single.fit(Self.x, Tensor(shape: [12, 1]), classWeight: [2: 1], verbose: false) }
                == "a weight is given for class 2, but the output has 2 classes, counted from 0")
        let map = try Sequential([2, 2, 3], [Dense(3, activation: .softmax)]).on(.any)
        map.compile(loss: .categoricalCrossentropy, optimizer: SGD())
        #expect(
            message {
                try map.fit(
                    Tensor(shape: [1, 2, 2, 3]), Tensor(shape: [1, 2, 2, 3]), classWeight: [0: 1], verbose: false)
            } == "class weights need outputs that are rows of the same classes, not of shapes (2, 2, 3)")
    }

    @Test func sampleWeightsThatDoNotFitAreRefused() throws {
        let model = try network(), before = try model.weights()
        func fault(_ weights: [Float]) -> String {
            let texts = [
                message { try model.fit(Self.x, Self.y, sampleWeight: weights, verbose: false) },
                message { _ = try model.evaluate(Self.x, Self.y, sampleWeight: weights) },
                message {
                    try model.trainOnBatch(Batch(inputs: [Self.x], targets: [Self.y], sampleWeights: weights))
                },
            ]
            #expect(Set(texts).count == 1, "\(texts)")
            return texts[0]
        }
        let others = [Float](repeating: 1, count: 9)
        #expect(fault([1, 2]) == "each sample needs one weight, but there are 2 for 12 samples")
        for (value, text) in [(Float(-1), "-1.0"), (.nan, "nan"), (.infinity, "inf")] {
            #expect(
                fault([1, 1, value] + others)
                    == "the weight of sample 2, counted from 0, is \(text), but must be finite and not negative")
        }
        #expect(try model.weights() == before && model.state.iterations == 0)
    }

    @Test func bothKindsOfWeightsAreRefused() throws {
        let model = try network(), both = "samples take class weights or sample weights, not both"
        let ones = [Float](repeating: 1, count: 12)
        final class Begun: Callback {
            var hasBegun = false
            func onTrainBegin(_ training: TrainingProgress, model: Model) { hasBegun = true }
        }
        let callback = Begun()
        #expect(
            message {
                try model.fit(
                    Self.x, Self.y, classWeight: [:], sampleWeight: ones, callbacks: [callback], verbose: false)
            } == both)
        #expect(!callback.hasBegun)
        let batches = try ArrayBatches(
            inputs: [Self.x], targets: [Self.y], sampleWeights: ones, batchSize: 4, shuffle: true, seed: 1)
        #expect(message { try model.fit(batches, epochs: 1, classWeight: [0: 2], verbose: false) } == both)
        #expect(message { try model.fit(batches, epochs: 1, verbose: false) } == "nothing was thrown")
    }

    /// The data are at fault, not the classes that nothing can be said about.
    @Test func targetsThatAreNotFiniteAreNamed() throws {
        var y = Self.y
        y.scalars[4] = .nan
        let text = message { try network().fit(Self.x, y, shuffle: false, classWeight: [0: 2], verbose: false) }
        #expect(text.contains("the targets are not finite: sample 2 of the batch"), "\(text)")
        #expect(
            message { try network().fit(Self.x, Tensor(shape: [12, 2]), classWeight: [0: 2], verbose: false) }
                == "targets of shape (12, 2) do not fit the model's output (12, 3)")
    }
}
