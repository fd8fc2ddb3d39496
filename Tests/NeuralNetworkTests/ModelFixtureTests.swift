import ComputeGraph
import FixtureSupport
import Tensors
import Testing
@testable import NeuralNetwork

/// Every network of models.json, from its own list of layers, on both backends.
@Suite(.serialized) struct ModelFixtureTests {
    /// The order of Keras's `model.layers`, names, shapes and parameter counts.
    @Test(arguments: try ModelFixture.all("models") + ModelFixture.all("training"))
    func structure(_ fixture: ModelFixture) throws {
        let model = try fixture.modelFromLayers()
        let own = model.layers.filter { !(fixture.isSequential && $0.className == "InputLayer") }
        #expect(own.map(\.name) == fixture.layers.compactMap { $0["name"]?.string })
        for (layer, json) in zip(own, fixture.layers) {
            #expect(
                layer.outputShape.dimensions == (json["output_shape"]?.array ?? []).compactMap(\.integer),
                "\(layer.name)")
            #expect(layer.parameterCount == json["params"]?.integer, "\(layer.name)")
        }
        #expect(model.parameterCount == fixture.json["total_params"]?.integer)
        #expect(model.trainableParameterCount == fixture.json["trainable_params"]?.integer)
    }

    /// Predictions, logits, and the statistics of every layer's output.
    @Test(arguments: try ModelFixture.all("models"), TestBackend.allCases)
    func prediction(_ fixture: ModelFixture, backend: TestBackend) throws {
        let model = try fixture.modelFromLayers()
        try model.move(to: backend.backend)
        try model.setWeights(fixture.weights(for: model))
        let reference = try Fixtures.group(fixture.key, in: "models_io.hdf5")
        let shape = Shape((reference.config["input_shape"]?.array ?? []).compactMap(\.integer))
        let x = hashImages(reference.config["input_hash_key"]?.string ?? "", shape)

        let predictions = try model.predict([x])
        for (name, prediction) in zip(["prediction", "prediction_aux1", "prediction_aux2"], predictions) {
            let difference = Difference(name, prediction, try reference.tensor(name), absolute: 1e-5)
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
        if reference.contains("logits"), let logits = layers.dropLast().last.map(\.name) {
            let expected = try reference.tensor("logits")
            let largest = expected.scalars.reduce(0.0) { max($0, Double(abs($1))) }
            let difference = Difference(
                "logits", try model.outputs(ofLayers: [logits], for: x)[0], expected, absolute: 1e-4 * largest)
            #expect(difference.isWithinTolerance, "\(fixture.key): \(difference)")
        }
    }

    /// Five steps of SGD: losses, gradients, weights, moving statistics, and the predictions after them.
    @Test(arguments: try ModelFixture.all("training"), TestBackend.allCases)
    func training(_ fixture: ModelFixture, backend: TestBackend) throws {
        let reference = try Fixtures.group(fixture.key, in: "models_io.hdf5")
        func setting(_ key: String) throws -> JSON { try #require(reference.config[key], "\(key)") }
        let model = try fixture.modelFromLayers()
        try model.move(to: backend.backend)
        try model.setWeights(fixture.weights(for: model))
        let optimizer = SGD(
            learningRate: try setting("learning_rate").number ?? .nan, momentum: try setting("momentum").number ?? .nan,
            nesterov: try setting("nesterov").bool ?? false)
        model.compile(loss: .categoricalCrossentropy, optimizer: optimizer)

        let labels = try reference.integers("labels"), losses = try reference.tensor("losses")
        let shape = Shape((try setting("input_shape").array ?? []).compactMap(\.integer))
        let batch = shape[0], classes = model.layers[model.layers.count - 1].outputShape.count
        let prefix = try setting("hash_prefix").string ?? ""
        let rounding = try setting("f32_absdiff_losses_per_step").array?.compactMap(\.number) ?? []
        func weight(_ layer: String, _ name: String) throws -> Tensor {
            let place = try model.layer(named: try setting(layer).string ?? "")
            let index = try #require(place.weights.firstIndex { $0.name == name })
            return try model.weights()[model.parameters(of: place)[index].index]
        }
        func expect(_ name: String, _ value: Tensor) throws {
            let tolerance = 10 * (reference.floatDifference(name) ?? 0) + 1e-5
            let difference = Difference(name, value, try reference.tensor(name), absolute: tolerance)
            #expect(difference.isWithinTolerance, "\(fixture.key): \(difference)")
        }

        for step in 0..<losses.count {
            var targets = Tensor(repeating: 0, shape: [batch, classes])
            for row in 0..<batch { targets.scalars[row * classes + labels[step * batch + row]] = 1 }
            let x = hashImages("\(prefix)/train_input/\(step)", shape)
            let loss = try model.trainOnBatch(Batch(inputs: [x], targets: [targets]), step: step)
            let expected = Double(losses.scalars[step])
            let tolerance = step == 0 ? 1e-5 * expected : 10 * rounding[step] + 1e-4
            #expect(abs(loss - expected) <= tolerance, "\(fixture.key), step \(step): loss \(loss), not \(expected)")
            guard step == 0 else { continue }
            let storage = try model.parameters()
            let graph = model.graph
            let norms = graph.parameterIDs.filter { graph[$0].isTrainable }.map { parameter in
                // After one step the momentum is the gradient, including the penalty's, times the learning rate.
                let squares = storage.slot(0, of: parameter).scalars.reduce(0.0) { $0 + Double($1) * Double($1) }
                return Float(squares.squareRoot() / optimizer.learningRate)
            }
            try expect("step1_gradient_norms", Tensor(shape: [norms.count], scalars: norms))
            try expect("step1_first_conv_kernel", weight("first_conv_layer", "kernel"))
            try expect("step1_final_kernel", weight("final_layer", "kernel"))
        }
        try expect("first_conv_kernel", weight("first_conv_layer", "kernel"))
        try expect("final_kernel", weight("final_layer", "kernel"))
        try expect("final_bias", weight("final_layer", "bias"))
        try expect("first_bn_gamma", weight("first_bn_layer", "gamma"))
        try expect("first_bn_moving_mean", weight("first_bn_layer", "moving_mean"))
        try expect("first_bn_moving_variance", weight("first_bn_layer", "moving_variance"))
        let key = try setting("prediction_after_input_key").string ?? ""
        let x = hashImages(key, fixture.inputShape.batched(try reference.tensor("prediction_after").shape[0]))
        try expect("prediction_after", model.predict(x))
    }
}
