import FixtureSupport
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
        var targets = Tensor(shape: [40, 6])
        for row in 0..<40 { targets.scalars[row * 6 + row % 6] = 1 }
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

    /// Training counts too, and each output has its own.
    @Test func everyOutputIsCounted() throws {
        let input = Input(shape: [4])
        let model = try Model(
            inputs: [input], outputs: ["a", "b"].map { Dense(3, activation: .softmax, name: $0)(input) }
        ).on(.any)
        model.compile(
            loss: .categoricalCrossentropy, optimizer: SGD(), metrics: [.topKCategoricalAccuracy(k: 3), .accuracy])
        let x = hashUniform("outputs", shape: [5, 4], -1, 1)
        var targets = Tensor(shape: [5, 3])
        for row in 0..<5 { targets.scalars[row * 3 + row % 3] = 1 }
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
