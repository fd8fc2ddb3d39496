import FixtureSupport
import Tensors
import Testing
@testable import NeuralNetwork

@Suite struct WithoutDropoutTests {
    /// Dropout inside and outside of a nested model that is called twice.
    private func network(_ backend: TestBackend) throws -> Model {
        let inner = Sequential([6], [Dense(6, activation: .tanh), Dropout(0.5, name: "drop")], name: "inner")
        let input = Input(shape: [6])
        let x = Dropout(0.25, name: "outer_drop")(Add()([inner(inner(input)), input]))
        let model = try Model(inputs: input, outputs: Dense(2, name: "out")(x), name: "dropping").on(backend)
        model.compile(loss: .meanSquaredError, optimizer: Adam())
        return model
    }

    private func batch(_ number: Int) -> Batch {
        Batch(
            inputs: [hashUniform("x/\(number)", shape: [4, 6], -1, 1)],
            targets: [hashUniform("y/\(number)", shape: [4, 2], -1, 1)])
    }

    @Test(arguments: TestBackend.allCases)
    func theCopyTrainsOnWithoutChance(on backend: TestBackend) throws {
        let model = try network(backend)
        for number in 0..<2 { try model.trainOnBatch(batch(number), step: number) }
        try model.layer(named: "out").setTrainable(false)
        let still = try model.withoutDropout()
        let rates = still.layers.flatMap { [$0] + $0.layers }.compactMap { ($0.layer as? Dropout)?.rate }
        #expect(rates == [0, 0])
        #expect(still.layers.map(\.name) == model.layers.map(\.name) && still.name == "dropping")
        #expect(still.graph.parameters.map(\.isTrainable) == model.graph.parameters.map(\.isTrainable))
        #expect(still.parameterCount == model.parameterCount)
        #expect(try still.weights() == model.weights())
        #expect(still.state.iterations == 2)
        let (own, other) = (try model.parameters(), try still.parameters())
        for parameter in model.graph.parameterIDs {
            for slot in 0..<2 { #expect(own.slot(slot, of: parameter) == other.slot(slot, of: parameter)) }
        }
        let x = batch(9).inputs[0]
        #expect(try still.predict(x) == model.predict(x))

        // Its steps have no chance in them, and leave the original alone.
        let weights = try model.weights(), loss = try model.evaluate(x, batch(9).targets[0])["loss"]
        #expect(try still.withoutDropout().trainOnBatch(batch(9), step: 1) == still.trainOnBatch(batch(9), step: 7))
        #expect(try model.weights() == weights && still.weights() != weights)
        #expect(try model.evaluate(x, batch(9).targets[0])["loss"] == loss)
    }

    @Test func aDescriptionIsCopiedWithoutABackend() throws {
        let input = Input(shape: [4])
        let still = try Model(inputs: input, outputs: Dropout(0.5)(input)).withoutDropout()
        #expect(still.backend == nil && (still.layers[1].layer as? Dropout)?.rate == 0)
    }
}
