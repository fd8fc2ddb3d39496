import ComputeGraph
import FixtureSupport
import Foundation
import Tensors
import Testing
@testable import NeuralNetwork

/// Layers and models that are called several times: one set of weights, whose gradient is the sum over the calls.
/// `GradientTests` compares such gradients with finite differences.
@Suite struct SharedLayerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let shape: Shape
        /// Two calls, of one layer or of two.
        let network: @Sendable (KerasTensor, _ isShared: Bool) -> KerasTensor
    }

    /// The layer's two calls, one after the other, or two layers.
    private static func twice(
        _ layer: @escaping @Sendable () -> any Layer
    ) -> @Sendable (KerasTensor, Bool) -> KerasTensor {
        { x, isShared in
            let first = layer(), second = isShared ? first : layer()
            return Add()([second(Activation(.tanh)(first(x))), x])
        }
    }

    static let cases: [Case] = [
        Case(
            testDescription: "Conv2D", shape: [5, 6, 16],
            network: twice { Conv2D(16, kernelSize: (3, 3), padding: .same) }),
        Case(testDescription: "Dense", shape: [7], network: twice { Dense(7) }),
        Case(testDescription: "BatchNormalization", shape: [4, 3, 5], network: twice { BatchNormalization() }),
        Case(testDescription: "a model", shape: [5, 4, 3]) { x, isShared in
            func inner(_ name: String) -> Model {
                Sequential(
                    [5, 4, 3],
                    [
                        Conv2D(3, kernelSize: (3, 3), padding: .same, useBias: false), BatchNormalization(),
                        Activation(.elu(alpha: 1)),
                    ],
                    name: name)
            }
            let first = inner("first"), second = isShared ? first : inner("second")
            return Concatenate()([second(first(x)), x])
        },
    ]

    /// The sum of the gradients of two layers that have the weights.
    @Test(arguments: cases, TestBackend.allCases)
    func theGradientIsTheSumOverTheCalls(_ shared: Case, on backend: TestBackend) throws {
        func gradients(isShared: Bool) throws -> (output: Tensor, input: Tensor, weights: [Tensor]) {
            let input = Input(shape: shared.shape)
            let graph = Model(inputs: input, outputs: shared.network(input, isShared)).graph
            let loaded = try backend.backend.load(graph)
            // Both layers get the weights of the first.
            let layers = isShared ? 1 : 2, count = graph.parameters.count / layers
            for parameter in graph.parameterIDs {
                let first = ParameterID(parameter.index % count)
                loaded.parameters.setWeight(parameter, to: graph.hashedWeight(first, within: 0.4))
            }
            let shape = shared.shape.batched(3)
            let result = try loaded.plan(batchSize: 3, mode: .weightedSum(of: graph))
                .step(
                    [hashUniform("called twice/x", shape: shape, -1, 1)],
                    targets: [hashUniform("called twice/dy", shape: graph[graph.outputs[0]].shape.batched(3), -1, 1)],
                    dropout: nil)
            let all = graph.parameterIDs.filter { graph[$0].isTrainable }.map(loaded.parameters.gradient)
            let sums = (0..<all.count / layers).map { index in
                isShared ? all[index] : all[index] + all[index + all.count / 2]
            }
            return (result.outputs[0], result.gradients[0], sums)
        }
        let one = try gradients(isShared: true), two = try gradients(isShared: false)
        #expect(one.output == two.output)
        #expect(Difference("input", one.input, two.input, absolute: 1e-5, relative: 1e-5).isWithinTolerance)
        #expect(one.weights.count == two.weights.count && !one.weights.isEmpty)
        for (a, b) in zip(one.weights, two.weights) {
            #expect(b.scalars.contains { abs($0) > 1e-2 })
            let difference = Difference("weight", a, b, absolute: 1e-4, relative: 1e-5)
            #expect(difference.isWithinTolerance, "\(shared.testDescription): \(difference)")
        }
    }

    /// Each call moves the moving statistics towards its own batch, in the order of the calls.
    @Test(arguments: TestBackend.allCases)
    func eachCallOfANormalizationMovesItsStatistics(on backend: TestBackend) throws {
        let normalization = BatchNormalization(momentum: 0.75, name: "bn")
        let first = Input(shape: [1], name: "first"), second = Input(shape: [1], name: "second")
        let model = try Model(inputs: [first, second], outputs: [normalization(first), normalization(second)]).on(
            backend)
        #expect(model.layers.map(\.name) == ["first", "second", "bn"])
        model.compile(loss: .meanSquaredError, optimizer: SGD(learningRate: 1e-9))
        let batches = [[1, 3] as [Float], [20, 60]].map { Tensor(shape: [2, 1], scalars: $0) }
        try model.trainOnBatch(Batch(inputs: batches, targets: batches))
        let weights = try model.weightsByName()
        // Means 2 and 40; biased variances 1 and 400.
        #expect(weights["bn/moving_mean"]?.scalars == [(0 * 0.75 + 2 * 0.25) * 0.75 + 40 * 0.25])
        #expect(weights["bn/moving_variance"]?.scalars == [(1 * 0.75 + 1 * 0.25) * 0.75 + 400 * 0.25])
    }

    @Test func aSharedLayerHasOneSetOfWeightsAndOnePenalty() throws {
        let input = Input(shape: [4]), dense = Dense(4, kernelRegularizer: L2(0.5), name: "dense")
        let model = try Model(inputs: input, outputs: dense(dense(dense(input)))).on(.any)
        #expect(model.parameterCount == 20 && model.layers.map(\.name) == ["input_layer", "dense"])
        #expect(try model.layer(named: "dense").inbound == ["input_layer", "dense", "dense"])
        #expect(try model.layer(named: "dense").outputs.count == 3)
        model.compile(loss: .meanSquaredError, optimizer: SGD())
        let kernel = try model.weights()[0].scalars.reduce(0.0) { $0 + Double($1) * Double($1) }
        let x = Tensor(shape: [2, 4])
        let loss = try model.evaluatedLoss(Batch(inputs: [x], targets: [x]))
        #expect(abs(loss - 0.5 * kernel) < 1e-6)
    }

    /// A layer that keeps no identity is a new one at every call, as before.
    @Test func twoLayersOfOneKindAreTwo() {
        let input = Input(shape: [4])
        let model = Model(inputs: input, outputs: Dense(4)(Dense(4)(input)))
        #expect(model.parameterCount == 40 && model.layers.map(\.name) == ["input_layer", "dense", "dense_1"])
    }

    /// Its weights fit the input of the first call only.
    @Test func aSharedLayerTakesInputsOfOneShape() throws {
        let narrow = Input(shape: [4]), wide = Input(shape: [5]), dense = Dense(2, name: "dense")
        #expect {
            _ = try Model(inputs: [narrow, wide], outputs: [dense(narrow), dense(wide)], checkedName: "m").on(.any)
                .weights()
        } throws: {
            let message = "\($0)"
            return message.contains("dense") && message.contains("(5, 2)") && message.contains("(4, 2)")
        }
    }

    // MARK: - Models as layers

    @Test(arguments: TestBackend.allCases)
    func aModelCalledAsALayerPredictsAsTheModel(on backend: TestBackend) throws {
        let body = try smallBody().on(backend), x = smallBatch().inputs[0]
        let input = Input(shape: [8, 8, 3])
        let outer = try Model(inputs: input, outputs: body(input)).on(backend)
        #expect(outer.layers.map(\.name) == ["input_layer", "body"])
        #expect(try outer.layer(named: "body").layers.map(\.name) == body.layers.map(\.name))
        #expect(outer.graph.parameters.map(\.name) == body.graph.parameters.map { "body/\($0.name)" })
        #expect(try outer.predict(x) == body.predict(x))
        // And they train one another.
        outer.compile(loss: .meanSquaredError, optimizer: SGD(learningRate: 0.1))
        try outer.trainOnBatch(Batch(inputs: [x], targets: [Tensor(shape: [6, 4, 4, 6])]))
        #expect(try outer.weights() == body.weights())
        #expect(try outer.predict(x) == body.predict(x))
    }

    @Test(arguments: TestBackend.allCases)
    func aModelCalledTwiceIsTheSameTwice(on backend: TestBackend) throws {
        let body = try smallBody().on(backend)
        let left = Input(shape: [8, 8, 3], name: "left"), right = Input(shape: [8, 8, 3], name: "right")
        let outer = try Model(inputs: [left, right], outputs: [body(left), body(right)]).on(backend)
        #expect(outer.parameterCount == body.parameterCount)
        let images = [smallBatch(1).inputs[0], smallBatch(2).inputs[0]]
        #expect(try outer.predict(images) == images.map { try body.predict($0) })
    }

    /// A convolutional body takes larger images, as in Keras.
    @Test func aModelIsCalledOnALargerImage() throws {
        let body = try smallBody().on(.any), large = smallBody()
        let input = Input(shape: [12, 16, 3])
        let outer = try Model(inputs: input, outputs: body(input)).on(.any)
        #expect(outer.outputs[0].shape == [6, 8, 6])
        let whole = try Model(inputs: input, outputs: large.layers.dropFirst().reduce(input) { $1.layer($0) }).on(.any)
        try whole.setWeights(body.weights())
        let x = hashImages("larger", [2, 12, 16, 3])
        #expect(try outer.predict(x) == whole.predict(x))
        #expect { _ = try body.call([Input(shape: [8, 8, 4])]) } throws: {
            "\($0)".contains(#"the model "body" takes an input of shape (8, 8, 3), not (8, 8, 4)"#)
        }
        #expect { _ = try body.call([input, input]) } throws: {
            "\($0)".contains(#"the model "body" takes 1 input"#)
        }
    }

    @Test func aModelOfSeveralInputsAndOutputsIsALayer() throws {
        let a = Input(shape: [3]), b = Input(shape: [3])
        let inner = try Model(inputs: [a, b], outputs: [Dense(2)(Add()([a, b])), Dense(4)(b)], name: "inner").on(.any)
        let x = Input(shape: [3], name: "x"), y = Input(shape: [3], name: "y")
        let results = try inner.call([y, x])
        #expect(results.map(\.shape) == [[2], [4]])
        let outer = try Model(inputs: [x, y], outputs: [results[1], Concatenate()(results)]).on(.any)
        let tensors = ["x", "y"].map { hashUniform("several/\($0)", shape: [2, 3], -1, 1) }
        let expected = try inner.predict([tensors[1], tensors[0]])
        let found = try outer.predict(tensors)
        #expect(found[0] == expected[1])
        #expect(found[1][rows: 0..<1].scalars == expected[0][rows: 0..<1].scalars + expected[1][rows: 0..<1].scalars)
    }

    /// Three deep; each call of the innermost model has its own place, and all have its weights.
    @Test(arguments: TestBackend.allCases)
    func modelsAreNestedInModels(on backend: TestBackend) throws {
        let inner = Sequential([6], [Dense(6, activation: .tanh, name: "dense")], name: "inner")
        let input = Input(shape: [6])
        let middle = Model(inputs: input, outputs: Add()([inner(inner(input)), input]), name: "middle")
        let outerInput = Input(shape: [6])
        let outer = try Model(inputs: outerInput, outputs: inner(middle(outerInput)), name: "outer").on(backend)
        #expect(outer.graph.parameters.map(\.name) == ["middle/inner/dense/kernel", "middle/inner/dense/bias"])
        let x = hashUniform("nested", shape: [2, 6], -1, 1)
        let once = try inner.on(backend).predict(x)
        let sum = try inner.predict(once) + x
        #expect(try outer.predict(x) == inner.predict(sum))
    }

    // MARK: - Files

    /// Shared layers, models as layers, frozen ones: three steps, a file, three more, as without a file.
    @Test(arguments: TestBackend.allCases)
    func sharedAndNestedLayersSurviveAFile(on backend: TestBackend) throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let body = smallBody(), dense = Dense(6, activation: .tanh, name: "shared")
        try body.layer(named: "conv1").setTrainable(false)
        let left = Input(shape: [8, 8, 3], name: "left"), right = Input(shape: [8, 8, 3], name: "right")
        let pooled = GlobalAveragePooling2D()
        let features = [left, right].map { dense(dense(pooled(body($0)))) }
        let straight = try Model(
            inputs: [left, right], outputs: [Dense(3, activation: .softmax)(Add()(features))]
        ).on(backend)
        straight.compile(loss: .categoricalCrossentropy, optimizer: Adam())
        func step(_ model: Model, _ number: Int) throws -> Double {
            let inputs = [smallBatch(number).inputs[0], smallBatch(number + 10).inputs[0]]
            return try model.trainOnBatch(Batch(inputs: inputs, targets: smallBatch().targets), step: number)
        }
        for number in 0..<3 { _ = try step(straight, number) }
        try straight.save(path)
        let resumed = try Model.load(path, on: backend)
        #expect(resumed.config == straight.config)
        #expect(resumed.layers.map(\.name) == straight.layers.map(\.name))
        #expect(resumed.parameterCount == straight.parameterCount)
        #expect(resumed.trainableParameterCount == straight.trainableParameterCount)
        #expect(try resumed.weightsByName() == straight.weightsByName())
        for number in 3..<6 { #expect(try step(straight, number) == step(resumed, number)) }
        #expect(try resumed.weightsByName() == straight.weightsByName())
    }
}
