import ComputeGraph
import FixtureSupport
import Foundation
import Tensors
import Testing
@testable import NeuralNetwork

/// Models of parts of other models, and models on top of others: their weights are the same.
@Suite struct CuttingTests {
    private let x = smallBatch().inputs[0]

    // MARK: - Cutting

    @Test(arguments: TestBackend.allCases)
    func aModelIsCutAtALayer(on backend: TestBackend) throws {
        let whole = try smallNetwork(on: smallBody(), backend)
        let features = try Model(inputs: whole.inputs, outputs: [whole.layer(named: "pool").output]).on(backend)
        #expect(features.layers.map(\.name) == ["pixels", "conv1", "bn1", "relu1", "pool"])
        #expect(features.outputNames == ["pool"] && features.outputs[0].shape == [4, 4, 4])
        #expect(try features.predict(x) == whole.outputs(ofLayers: ["pool"], for: x)[0])
    }

    @Test func aCutHasItsOutputsInTheirOrder() throws {
        let whole = try smallNetwork(on: smallBody(), .any)
        let names = ["classes", "relu1", "pool", "relu1"]
        let cut = try Model(inputs: whole.inputs, outputs: names.map { try whole.layer(named: $0).output }).on(.any)
        #expect(cut.outputNames == ["classes", "relu1", "pool", "relu1_1"])
        #expect(try cut.predict([x]) == whole.outputs(ofLayers: names, for: x))
    }

    @Test(arguments: TestBackend.allCases)
    func aModelBeginsInTheMiddleOfAnother(on backend: TestBackend) throws {
        let whole = try smallNetwork(on: smallBody(), backend)
        let pool = try whole.layer(named: "pool").output
        let front = try Model(inputs: whole.inputs, outputs: [pool]).on(backend)
        let back = try Model(inputs: [pool], outputs: whole.outputs).on(backend)
        #expect(back.layers.map(\.name) == ["input_layer", "conv2", "bn2", "relu2", "average", "classes"])
        #expect(back.inputs[0].shape == [4, 4, 4])
        #expect(try back.predict(front.predict(x)) == whole.predict(x))
        // It is the same layers, so training the part trains the whole.
        back.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.1))
        let changed = try whole.changes { _ in
            _ = try back.trainOnBatch(Batch(inputs: [front.predict(x)], targets: smallBatch().targets))
        }
        #expect(
            !changed.contains("conv1/kernel")
                && changed.isSuperset(of: ["conv2/kernel", "bn2/moving_mean", "classes/bias"]))
        #expect(try back.predict(front.predict(x)) == whole.predict(x))
    }

    /// The tensors of two branches become two inputs.
    @Test func aModelBeginsAtSeveralTensors() throws {
        let input = Input(shape: [5])
        let left = Dense(4, activation: .tanh)(input), right = Dense(4)(left)
        let whole = try Model(inputs: input, outputs: Dense(2)(Add()([left, right]))).on(.any)
        let back = try Model(inputs: [left, right], outputs: whole.outputs).on(.any)
        let front = try Model(inputs: [input], outputs: [left, right]).on(.any)
        let x = hashUniform("several tensors", shape: [3, 5], -1, 1)
        #expect(try back.predict(front.predict([x])) == [whole.predict(x)])
    }

    /// Keras takes such an input too, and reads nothing of it.
    @Test func anInputMayBeUnused() throws {
        let input = Input(shape: [2, 2, 1]), flat = Flatten()(input)
        let model = try Model(inputs: [input, flat], outputs: [Dense(3)(flat)]).on(.any)
        let x = hashUniform("unused", shape: [2, 4], -1, 1)
        let predictions = try [0, 1].map { value in
            try model.predict([Tensor(repeating: value, shape: [2, 2, 2, 1]), x])
        }
        #expect(predictions[0] == predictions[1])
    }

    // MARK: - Joining

    /// In both directions, and whichever of the two was computed first.
    @Test(arguments: TestBackend.allCases, [true, false])
    func aHeadOnABodySharesItsWeights(on backend: TestBackend, bodyFirst: Bool) throws {
        let body = try smallBody().on(backend)
        if bodyFirst { _ = try body.predict(x) }
        let network = try smallNetwork(on: body, backend)
        if !bodyFirst { _ = try network.predict(x) }
        #expect(try body.weights() == Array(network.weights().prefix(body.graph.parameters.count)))

        let features = try body.predict(x), prediction = try network.predict(x)
        try network.trainOnBatch(smallBatch())
        #expect(try body.predict(x) != features)
        #expect(try body.weights() == Array(network.weights().prefix(body.graph.parameters.count)))

        let trained = try network.predict(x)
        #expect(trained != prediction)
        body.compile(loss: .meanSquaredError, optimizer: Adam())
        try body.trainOnBatch(Batch(inputs: [x], targets: [hashUniform("features", shape: [6, 4, 4, 6], 0, 1)]))
        #expect(try network.predict(x) != trained)
        #expect(try body.weights() == Array(network.weights().prefix(body.graph.parameters.count)))
    }

    /// Each head has an optimizer of its own, and both train one body.
    @Test func twoHeadsTrainOneBody() throws {
        let body = try smallBody().on(.any)
        let heads = try ["left", "right"].map { name in
            let x = GlobalAveragePooling2D()(body.outputs[0])
            let model = try Model(inputs: body.inputs, outputs: [Dense(3, activation: .softmax, name: name)(x)]).on(
                .any)
            model.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.1, momentum: 0.9))
            return model
        }
        for number in 0..<3 { for head in heads { try head.trainOnBatch(smallBatch(number)) } }
        let count = body.graph.parameters.count
        #expect(try heads[0].weights().prefix(count) == heads[1].weights().prefix(count))
        let slots = try heads.map { try $0.parameters().slot(0, of: ParameterID(0)) }
        #expect(slots[0] != slots[1])
        #expect(heads.map(\.state.iterations) == [3, 3])
    }

    // MARK: - Backends

    @Test(arguments: TestBackend.allCases)
    func weightsAreSharedAcrossBackends(from backend: TestBackend) throws {
        let body = try smallBody().on(backend)
        let network = try smallNetwork(on: body, backend.other)
        try network.trainOnBatch(smallBatch(1))
        func agree() throws -> Bool {
            let alone = try smallBody().on(backend)
            try alone.setWeights(Array(network.weights().prefix(body.graph.parameters.count)))
            return try body.predict(x) == alone.predict(x)
        }
        #expect(try agree())
        try body.move(to: backend.other.backend)
        #expect(try body.predict(x) == network.outputs(ofLayers: ["relu2"], for: x)[0])
        try network.trainOnBatch(smallBatch(2))
        #expect(try body.predict(x) == network.outputs(ofLayers: ["relu2"], for: x)[0])
        try body.move(to: backend.backend)
        try network.trainOnBatch(smallBatch(3))
        #expect(try agree())
    }

    /// As on a graphics card: one model's weights are not in the memory that the other one computes in.
    @Test func weightsAreSharedAcrossMemories() throws {
        let near = try smallNetwork(on: smallBody(), .any), single = try smallNetwork(on: smallBody(), .any)
        let far = Model(inputs: near.inputs, outputs: near.outputs)
        try far.move(to: FarBackend(TestBackend.any.backend))
        far.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.1))
        single.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.1))
        near.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.1))
        try single.setWeights(near.weights())
        for number in 0..<4 {
            try (number % 2 == 0 ? near : far).trainOnBatch(smallBatch(number))
            try single.trainOnBatch(smallBatch(number))
            #expect(try near.weights() == single.weights())
            #expect(try far.weights() == single.weights())
            #expect(try far.predict(x) == single.predict(x))
        }
    }

    // MARK: - Sequences

    @Test func aSequenceIsTheModelOfItsLayers() throws {
        func layers() -> [any Layer] {
            [
                Conv2D(4, kernelSize: (3, 3), name: "conv"), BatchNormalization(), Activation(.relu), Flatten(),
                Dropout(0.5), Dense(3), Dense(2, activation: .softmax),
            ]
        }
        let sequence = try Sequential([6, 6, 2], layers()).on(.any)
        let input = Input(shape: [6, 6, 2])
        let functional = try Model(inputs: input, outputs: layers().reduce(input) { $1($0) }, name: "sequential").on(
            .any)
        #expect(sequence.config == functional.config)
        let x = hashImages("sequence", [2, 6, 6, 2])
        #expect(try sequence.weights() == functional.weights())
        #expect(try sequence.predict(x) == functional.predict(x))
    }

    // MARK: - Mistakes

    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "nothing was thrown"
        } catch { return "\(error)" }
    }

    /// Each is one line that says what to do.
    @Test func mistakesAreNamed() throws {
        let network = try smallNetwork(on: smallBody(), .any)
        let missing = message { _ = try network.layer(named: "pool5") }
        #expect(
            missing
                == #"the model "network" has no layer named "pool5"; its layers are "pixels", "conv1", "bn1", "relu1", "#
                + #""pool", "conv2", "bn2", "relu2", "average", "classes""#)

        let other = smallBody("other")
        let twice = message {
            let both = try Concatenate()([network.layer(named: "relu2").output, other.outputs[0]])
            _ = try Model(inputs: network.inputs + other.inputs, outputs: [both], checkedName: "both")
        }
        #expect(
            twice.hasPrefix(#"two layers are named ""#)
                && twice.hasSuffix(
                    "give one of them another name, or call one model as a layer of the other"),
            "\(twice)")

        let input = Input(shape: [4], name: "left"), stray = Input(shape: [4], name: "right")
        let uncommon = message {
            _ = try Model(inputs: [input], outputs: [Add()([input, Dense(4)(stray)])], checkedName: "sum")
        }
        #expect(
            uncommon
                == #"the outputs depend on "right", which is not among the model's inputs: list it, or compute the "#
                + "outputs from the inputs that are")

        network.setTrainable(false)
        let frozen = message { try network.fit(x, smallBatch().targets[0], verbose: false) }
        #expect(
            frozen
                == #"there is nothing to train: the model "network" is frozen as a whole; free it with "#
                + "setTrainable(true), then freeze layers")
        #expect(message { try network.trainOnBatch(smallBatch()) } == frozen)
        network.setTrainable(true)
        for layer in network.layers { layer.setTrainable(false) }
        #expect(
            message { try network.trainOnBatch(smallBatch()) }
                == #"there is nothing to train: all weights of "network" are frozen; free a layer with setTrainable(true)"#
        )

        let output = message {
            try network.compile(losses: ["classes": .meanSquaredError, "aux": .meanSquaredError], optimizer: SGD())
        }
        #expect(
            output
                == #"the model "network" has no output "aux" for a loss; its outputs are "classes""#)
        let weight = message {
            try network.compile(losses: ["classes": .meanSquaredError], lossWeights: ["aux": 0.3], optimizer: SGD())
        }
        #expect(weight == #"the model "network" has no output "aux" for a loss weight; its outputs are "classes""#)
        #expect(
            message { try network.compile(losses: [:], optimizer: SGD()) } == #"the output "classes" has no loss"#)
    }

    /// Files, logs and metrics go by names.
    @Test func namesThatNobodyGaveAreNumbered() throws {
        let input = Input(shape: [4])
        func unnamed() -> Model { Sequential([4], [Dense(4)]) }
        let first = unnamed(), second = unnamed()
        let model = try Model(inputs: input, outputs: Add()([first(input), second(input)])).on(.any)
        #expect(model.layers.map(\.name) == ["input_layer", "sequential", "sequential_1", "add"])
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try model.save(path)
        #expect(try Model.load(path).weights() == model.weights())

        let dense = Dense(2, name: "classes")
        let twice = try Model(inputs: [input], outputs: [dense(input), dense(first(input))]).on(.any)
        #expect(twice.outputNames == ["classes", "classes_1"])
        try twice.compile(
            losses: ["classes": .meanSquaredError, "classes_1": .meanSquaredError], optimizer: SGD(), metrics: [],
            gradientSteps: [GradientClipping.norm(1)], gradientAccumulationSteps: 2)
        let x = hashUniform("twice/x", shape: [3, 4], -1, 1), y = hashUniform("twice/y", shape: [3, 2], -1, 1)
        let logs = try twice.evaluate(x, y)
        #expect(logs.keys.sorted() == ["classes_1_loss", "classes_loss", "loss"])
        #expect(abs((logs["classes_loss"] ?? 0) + (logs["classes_1_loss"] ?? 0) - (logs["loss"] ?? 1)) < 1e-6)
        #expect(twice.compilation?.gradientSteps.count == 1 && twice.compilation?.gradientAccumulationSteps == 2)
    }

    @Test func aSummaryShowsTheLayersOfAModelInside() {
        let inner = Sequential([4], [Dense(3, name: "hidden")], name: "inner"), input = Input(shape: [4], name: "in")
        let model = Model(inputs: input, outputs: Dense(2, name: "out")(inner(input)), name: "outer")
        model.layers[1].setTrainable(false)
        #expect(
            model.summary() == """
                Model: "outer"
                ┌────────────────────────────┬──────────────┬─────────┬──────────────┐
                │ Layer (type)               │ Output Shape │ Param # │ Connected to │
                ├────────────────────────────┼──────────────┼─────────┼──────────────┤
                │ in (InputLayer)            │ (None, 4)    │       0 │ -            │
                │ inner (Functional)         │ (None, 3)    │      15 │ in           │
                │ └ input_layer (InputLayer) │ (None, 4)    │       0 │ -            │
                │ └ hidden (Dense)           │ (None, 3)    │      15 │ input_layer  │
                │ out (Dense)                │ (None, 2)    │       8 │ inner        │
                └────────────────────────────┴──────────────┴─────────┴──────────────┘
                Total params: 23 (92.0 B)
                Trainable params: 8 (32.0 B)
                Non-trainable params: 15 (60.0 B)
                """)
    }

    /// Without a backend nothing is computed, and the error says how to choose one.
    @Test func aModelWithoutABackendSaysSo() throws {
        let model = smallBody()
        for message in [
            message { _ = try model.predict(x) }, message { _ = try model.weights() },
            message { try model.save(temporaryPath()) },
        ] {
            #expect(message.contains(#"the model "body" has no backend to compute with: choose one with move(to:)"#))
        }
    }
}
