import ComputeGraph
import FixtureSupport
import HostMemory
import Tensors
import Testing
@testable import NeuralNetwork

/// `topKCategoricalAccuracy`, counted in the plan.
@Suite struct TopKTests {
    /// A model whose predictions are its inputs.
    private func identity(_ classes: Int, _ metrics: [Metric], on backend: TestBackend) throws -> Model {
        let input = Input(shape: [classes])
        let model = try Model(inputs: input, outputs: Activation(.linear)(input)).on(backend)
        model.compile(loss: .meanSquaredError, optimizer: SGD(), metrics: metrics)
        return model
    }

    @Test(arguments: TestBackend.allCases)
    func theClassIsAmongTheLargest(on backend: TestBackend) throws {
        let ks = [1, 2, 3, 5]
        let model = try identity(6, [.accuracy] + ks.map { .topKCategoricalAccuracy(k: $0) }, on: backend)
        let predictions = hashUniform("top k", shape: [40, 6], 0, 1)
        let targets = oneHot((0..<40).map { $0 % 6 }, classes: 6)
        let logs = try model.evaluate(predictions, targets, batchSize: 7)
        for k in ks {
            let right = (0..<40).filter { row in
                let y = predictions.scalars[row * 6..<row * 6 + 6], own = predictions.scalars[row * 6 + row % 6]
                return y.filter { $0 > own }.count < k
            }
            let name = k == 5 ? "top_k_categorical_accuracy" : "top_\(k)_categorical_accuracy"
            #expect(logs[name] == Double(right.count) / 40, "\(k)")
        }
        #expect(logs["top_1_categorical_accuracy"] == logs["acc"])
    }

    /// One unit is compared with 0.5, whatever the loss takes it for, and a target is 0 or 1 or never met. Of one output
    /// every class is among the largest. All as in Keras.
    @Test(arguments: TestBackend.allCases)
    func oneUnitIsComparedWithOneHalf(on backend: TestBackend) throws {
        let outputs: [Float] = [0.9, 0.3, 0.8, -1, 0.9, 0.1], targets: [Float] = [1, 1, 1, 0, 0.9, 0.1]
        let (x, y) = (Tensor(shape: [6, 1], scalars: outputs), Tensor(shape: [6, 1], scalars: targets))
        for loss in [Loss.meanSquaredError, .binaryCrossentropy.ofLogits] {
            let model = try identity(1, [.accuracy, .topKCategoricalAccuracy(k: 5)], on: backend)
            model.compile(loss: loss, optimizer: SGD(), metrics: [.accuracy, .topKCategoricalAccuracy(k: 5)])
            let logs = try model.evaluate(x, y)
            #expect(logs["acc"] == 0.5)
            #expect(logs["top_k_categorical_accuracy"] == 1)
        }
        // The outputs are probabilities, which the loss takes for logits.
        let input = Input(shape: [1])
        let model = try Model(inputs: input, outputs: Activation(.sigmoid)(input)).on(backend)
        model.compile(loss: .binaryCrossentropy.ofLogits, optimizer: SGD())
        let logits = Tensor(shape: [4, 1], scalars: [-0.4, -0.4, -0.4, 0.2])
        #expect(try model.evaluate(logits, Tensor(shape: [4, 1], scalars: [0, 0, 0, 1]))["acc"] == 1)
    }

    /// Keras's `in_top_k`: of equal outputs all are among the largest; a row that is not finite is never right.
    @Test(arguments: TestBackend.allCases)
    func equalOutputsAreAllAmongTheLargest(on backend: TestBackend) throws {
        let rows: [(output: [Float], label: Int, isRight: [Bool])] = [
            ([0.5, 0.5, 0.5, 0.5], 3, [false, true, true]), ([0.5, 0, 0.25, 0.75], 2, [false, false, true]),
            ([1, 0.75, 1, 0.25], 1, [false, false, true]), ([1, 0.75, 1, 0.25], 2, [false, true, true]),
            ([0.25, 0.75, 0.75, 1], 2, [false, true, true]),
        ]
        let metrics: [Metric] = [.accuracy, .topKCategoricalAccuracy(k: 2), .topKCategoricalAccuracy(k: 3)]
        let model = try identity(4, metrics, on: backend)
        for row in rows {
            let x = Tensor(shape: [1, 4], scalars: row.output), target = oneHot([row.label], classes: 4)
            let logs = try model.evaluate(x, target)
            let found = ["acc", "top_2_categorical_accuracy", "top_3_categorical_accuracy"].map { logs[$0] == 1 }
            #expect(found == row.isRight, "\(row.output), class \(row.label)")
        }
        for value in [Float.nan, .infinity] {
            let output = Tensor(shape: [1, 4], scalars: [0.25, 1, value, 0.5])
            let score = output.scalars.withUnsafeBufferPointer { output in
                var gradient = [Float](repeating: 0, count: 4)
                return gradient.withUnsafeMutableBufferPointer { gradient in
                    [Float(0), 1, 0, 0].withUnsafeBufferPointer { target in
                        Objective(NodeID(0), .meanSquaredError, ranks: [3])
                            .evaluate(output, target: target, gradient: gradient, samples: 1, units: 4)
                    }
                }
            }
            #expect(score.correct == [0])
        }
    }

    /// Training counts too, and each output has its own.
    @Test func everyOutputIsCounted() throws {
        let input = Input(shape: [4])
        let model = try Model(
            inputs: [input], outputs: ["a", "b"].map { Dense(3, activation: .softmax, name: $0)(input) }
        ).on(.any)
        model.compile(
            loss: .categoricalCrossentropy, optimizer: SGD(), metrics: [.topKCategoricalAccuracy(k: 3), .accuracy])
        let x = hashUniform("outputs", shape: [5, 4], -1, 1)
        let targets = oneHot((0..<5).map { $0 % 3 }, classes: 3)
        let history = try model.fit(x, targets, epochs: 2, validation: (x, targets), verbose: false)
        #expect(
            Set(history.epochs[1].keys) == [
                "loss", "a_loss", "b_loss", "a_top_3_categorical_accuracy", "b_top_3_categorical_accuracy", "a_acc",
                "b_acc", "val_loss", "val_a_loss", "val_b_loss", "val_a_top_3_categorical_accuracy",
                "val_b_top_3_categorical_accuracy", "val_a_acc", "val_b_acc",
            ])
        #expect(history["a_top_3_categorical_accuracy"] == [1, 1])
        #expect(history["val_b_top_3_categorical_accuracy"] == [1, 1])
    }
}
