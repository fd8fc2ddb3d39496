import ComputeGraph
import FixtureSupport
import Tensors
import Testing
@testable import NeuralNetwork

/// Every network of models.json and models2.json, from its own list of layers, on both backends.
@Suite(.serialized) struct ModelFixtureTests {
    /// The order of Keras's `model.layers`, names, shapes and parameter counts.
    @Test(arguments: try ModelFixture.all("models") + ModelFixture.variants() + ModelFixture.all("training"))
    func structure(_ fixture: ModelFixture) throws {
        let model = try fixture.modelFromLayers()
        let own = model.layers.filter { !(fixture.isSequential && $0.className == "InputLayer") }
        #expect(own.map(\.name) == fixture.layers.compactMap { $0["name"]?.string })
        for (layer, json) in zip(own, fixture.layers) {
            #expect(layer.outputShape == json["output_shape"]?.shape, "\(layer.name)")
            #expect(layer.parameterCount == json["params"]?.integer, "\(layer.name)")
        }
        #expect(model.parameterCount == fixture.json["total_params"]?.integer)
        #expect(model.trainableParameterCount == fixture.json["trainable_params"]?.integer)
    }

    /// Predictions, logits, and the statistics of every layer's output.
    @Test(
        arguments: ModelFixture.affordable(try ModelFixture.all("models") + ModelFixture.variants()),
        TestBackend.allCases)
    func prediction(_ fixture: ModelFixture, backend: TestBackend) throws {
        guard fixture.isQuick(on: backend) else { return }
        let model = try fixture.modelFromLayers().on(backend)
        try model.setWeights(fixture.weights(for: model))
        let reference = try fixture.numbers()
        let x = try reference.images("input_hash_key")

        let names = ["prediction"] + (1..<max(fixture.outputs.count, 1)).map { "prediction_aux\($0)" }
        let predictions = try model.predict([x])
        #expect(predictions.count == names.count)
        for ((name, prediction), output) in zip(zip(names, predictions), model.graph.outputs) {
            let (name, found, expected) = try stored(name, prediction, reference)
            // Probabilities; features are as large as they like.
            let isSoftmax = model.graph[output].operation == .activation(.softmax)
            let tolerance = isSoftmax ? 1e-5 : 3e-5 * expected.largestMagnitude
            let difference = Difference(name, found, expected, absolute: tolerance)
            #expect(difference.isWithinTolerance, "\(fixture.key): \(difference)")
        }

        // One plan computes all; the first layer that differs is the one to examine.
        let layers = model.layers.filter { $0.className != "InputLayer" }
        let outputs = try model.outputs(ofLayers: layers.map(\.name), for: x)
        let statistics = try reference.tensor("layer_stats")
        #expect(statistics.shape[0] == layers.count)
        for (row, (layer, output)) in zip(layers, outputs).enumerated() {
            let found = LayerStatistics(layer.name, output, row: row, of: statistics)
            #expect(found.isWithinTolerance, "\(fixture.key): \(found)")
            if !found.isWithinTolerance { return }
        }
        if reference.contains("logits"), layers.count > 1 {
            let expected = try reference.tensor("logits")
            let difference = Difference(
                "logits", outputs[layers.count - 2], expected, absolute: 1e-4 * expected.largestMagnitude)
            #expect(difference.isWithinTolerance, "\(fixture.key): \(difference)")
        }
    }

    /// The part of a prediction that the fixture has: of large ones, every so many-th number.
    private func stored(
        _ name: String, _ prediction: Tensor, _ reference: FixtureGroup
    ) throws -> (name: String, found: Tensor, expected: Tensor) {
        guard !reference.contains(name) else { return (name, prediction, try reference.tensor(name)) }
        #expect(prediction.shape == (try reference.shape("prediction_shape")))
        let step = try #require(try reference.setting("prediction_sample_step").integer)
        let sample = stride(from: 0, to: prediction.count, by: step).map { prediction.scalars[$0] }
        return (
            "prediction_sample", Tensor(shape: [sample.count], scalars: sample),
            try reference.tensor("prediction_sample")
        )
    }

    /// Five steps of SGD: losses, gradients, weights, moving statistics, and the predictions after them.
    @Test(arguments: try ModelFixture.all("training"), TestBackend.allCases)
    func training(_ fixture: ModelFixture, backend: TestBackend) throws {
        let reference = try fixture.numbers()
        let model = try fixture.modelFromLayers().on(backend)
        try model.setWeights(fixture.weights(for: model))
        let optimizer = SGD(
            learningRate: try reference.setting("learning_rate").number ?? .nan,
            momentum: try reference.setting("momentum").number ?? .nan,
            nesterov: try reference.setting("nesterov").bool ?? false, decay: reference.config["decay"]?.number ?? 0)
        model.compile(loss: .categoricalCrossentropy, optimizer: optimizer)

        let labels = try reference.integers("labels"), losses = try reference.tensor("losses")
        let shape = try reference.shape("input_shape")
        let batch = shape[0], classes = model.outputs[0].shape.count
        let prefix = try reference.setting("hash_prefix").string ?? ""
        let rounding = try reference.setting("f32_absdiff_losses_per_step").array?.compactMap(\.number) ?? []
        func weight(_ layer: String, _ name: String) throws -> Tensor {
            let place = try model.layer(named: try reference.setting(layer).string ?? "")
            let index = try #require(place.weights.firstIndex { $0.name == name })
            return try model.weights()[model.parameters(of: place)[index].index]
        }
        func expect(_ name: String, _ value: Tensor) throws {
            let tolerance = 10 * (reference.floatDifference(name) ?? 0) + 1e-5
            let difference = Difference(name, value, try reference.tensor(name), absolute: tolerance)
            #expect(difference.isWithinTolerance, "\(fixture.key): \(difference)")
        }

        let initial = try model.weights()
        for step in 0..<losses.count {
            let targets = oneHot(labels[step * batch..<(step + 1) * batch], classes: classes)
            let x = hashImages("\(prefix)/train_input/\(step)", shape)
            let loss = try model.trainOnBatch(Batch(inputs: [x], targets: [targets]), step: step)
            let expected = Double(losses.scalars[step])
            let tolerance = step == 0 ? 1e-5 * expected : 10 * rounding[step] + 1e-4
            #expect(abs(loss - expected) <= tolerance, "\(fixture.key), step \(step): loss \(loss), not \(expected)")
            guard step == 0 else { continue }
            let norms = try gradientNorms(model, at: initial)
            try expect("step1_gradient_norms", Tensor(shape: [norms.count], scalars: norms))
            try expect("step1_first_conv_kernel", weight("first_conv_layer", "kernel"))
            try expect("step1_final_kernel", weight("final_layer", "kernel"))
        }
        try expect("first_conv_kernel", weight("first_conv_layer", "kernel"))
        try expect("final_kernel", weight("final_layer", "kernel"))
        try expect("final_bias", weight("final_layer", "bias"))
        if reference.config["first_bn_layer"] != nil {
            try expect("first_bn_gamma", weight("first_bn_layer", "gamma"))
            try expect("first_bn_moving_mean", weight("first_bn_layer", "moving_mean"))
            try expect("first_bn_moving_variance", weight("first_bn_layer", "moving_variance"))
        }
        let key = try reference.setting("prediction_after_input_key").string ?? ""
        let x = hashImages(key, fixture.inputShape.batched(try reference.tensor("prediction_after").shape[0]))
        try expect("prediction_after", model.predict(x))
    }

    /// The norms of the last step's gradients, including the penalties', which are those of the weights before it.
    private func gradientNorms(_ model: Model, at weights: [Tensor]) throws -> [Float] {
        let storage = try model.parameters(), graph = model.graph
        return graph.parameterIDs.filter { graph[$0].isTrainable }.map { parameter in
            let penalty = graph[parameter].penalty
            let numbers = zip(storage.gradient(parameter).scalars, weights[parameter.index].scalars)
            let squares = numbers.reduce(0.0) { sum, pair in
                let gradient = Double(pair.0 + 2 * penalty.l2 * pair.1)
                return sum + gradient * gradient
            }
            return Float(squares.squareRoot())
        }
    }
}

extension Tensor {
    /// The largest magnitude of its elements.
    var largestMagnitude: Double { scalars.reduce(0) { max($0, Double(abs($1))) } }
}
