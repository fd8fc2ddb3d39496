import ComputeGraph
import FixtureSupport
import Tensors
import Testing
@testable import NeuralNetwork

/// Every case of the files of layers on both backends: output and all gradients.
@Suite struct LayerFixtureTests {
    @Test(arguments: try FixtureFile.layers.groups() + FixtureFile.layers2.groups(), TestBackend.allCases)
    func layer(_ fixtureCase: FixtureCase, backend: TestBackend) throws {
        let fixture = try fixtureCase.open()
        let kind = fixture.config["layer"]?.string ?? ""
        let differences: [Difference]
        switch kind {
        case "softmax + categorical_crossentropy": differences = try crossentropy(fixture, backend)
        case "softmax + binary_crossentropy": differences = try binaryCrossentropy(fixture, backend)
        case "Dense + softmax + categorical_crossentropy + L2": differences = try penalized(fixture, backend)
        case "Dropout": differences = try dropout(fixture, backend)
        default: differences = try singleLayer(fixture, kind, backend)
        }
        #expect(!differences.isEmpty)
        for difference in differences {
            #expect(difference.isWithinTolerance, "\(fixtureCase) on \(backend): \(difference)")
        }
    }

    // MARK: -

    /// The layer of a case, read as from a model file.
    private func layer(_ fixture: FixtureGroup, _ kind: String) throws -> any Layer {
        guard case .object(var entries) = fixture.config else { throw LayerError("no config") }
        var className = kind
        if kind == "local_response_normalization" { className = "LocalResponseNormalization" }
        for key in ["padding", "cropping"] {
            guard let rows = entries["\(key)_top_bottom"], let columns = entries["\(key)_left_right"] else { continue }
            entries[key] = .array([rows, columns])
        }
        entries["trainable"] = true
        return try LayerRegistry.read(LayerConfig(className: className, entries: entries))
    }

    private func singleLayer(_ fixture: FixtureGroup, _ kind: String, _ backend: TestBackend) throws -> [Difference] {
        let count = fixture.config["n_inputs"]?.integer
        let suffixes = count.map { (0..<$0).map(String.init) } ?? [""]
        let x = try suffixes.map { try fixture.tensor("x\($0)") }
        let inputs = x.map { Input(shape: $0.shape.sample) }
        let model = Model(inputs: inputs, outputs: [try KerasTensor(layer(fixture, kind), inputs)])
        var graph = model.graph
        let layer = model.layers[model.layers.count - 1]
        let weights = Array(zip(layer.weights, model.parameters(of: layer)))

        let isInference = fixture.config["training"]?.bool == false
        if isInference { graph[graph.outputs[0]].operation = graph[graph.outputs[0]].operation.inInference }
        let loaded = try backend.backend.load(graph), storage = loaded.parameters
        for (weight, parameter) in weights { storage.setWeight(parameter, to: try fixture.tensor(weight.name)) }
        let result = try loaded.plan(batchSize: x[0].shape[0], mode: .weightedSum(of: graph))
            .step(x, targets: [try fixture.tensor("dy")], dropout: nil)

        var differences = [try compare(fixture, "y", result.outputs[0], absolute: 1e-5)]
        for (suffix, dx) in zip(suffixes, result.gradients) {
            differences.append(try compare(fixture, "dx\(suffix)", dx, absolute: 1e-5))
        }
        for (weight, parameter) in weights {
            if weight.isTrainable {
                differences.append(
                    try compare(fixture, "d\(weight.name)", storage.gradient(parameter), absolute: 1e-4))
            } else if fixture.contains("\(weight.name)_new") {
                differences.append(
                    try compare(fixture, "\(weight.name)_new", storage.weight(parameter), absolute: 1e-5))
            } else {
                // Inference does not change the moving statistics.
                differences.append(
                    Difference(
                        weight.name, storage.weight(parameter), try fixture.tensor(weight.name), absolute: 0))
            }
        }
        // Inference gives the same result, if nothing is random or a statistic.
        if kind != "BatchNormalization" || isInference {
            let inference = try loaded.plan(batchSize: x[0].shape[0], mode: .inference(outputs: graph.outputs))
            differences.append(try compare(fixture, "y", inference.predict(x)[0], absolute: 1e-5))
        }
        return differences
    }

    /// The tolerances of the fixtures' README, section 9; if Keras's own rounding is known, at least ten times that.
    private func compare(
        _ fixture: FixtureGroup, _ name: String, _ value: Tensor, absolute: Double
    ) throws -> Difference {
        let reference = try fixture.tensor(name)
        let kind = fixture.config["layer"]?.string ?? ""
        let isMoved = ["Concatenate", "ZeroPadding2D", "Cropping2D", "Flatten", "Reshape"].contains(kind)
        if isMoved || (kind == "MaxPooling2D" && name == "y") {
            return Difference(name, value, reference, absolute: 0)
        }
        let rounding = 10 * (fixture.floatDifference(name) ?? 0)
        return Difference(name, value, reference, absolute: max(absolute, rounding), relative: 1e-5)
    }

    private func logits(_ fixture: FixtureGroup) throws -> (Tensor, Tensor) {
        (try fixture.tensor("logits"), try fixture.tensor("targets"))
    }

    private func crossentropy(_ fixture: FixtureGroup, _ backend: TestBackend) throws -> [Difference] {
        let (logits, targets) = try logits(fixture)
        let fused = Loss.categoricalCrossentropy.function(fromLogits: true).evaluate(logits, target: targets)
        let probabilities = try softmax(logits, backend)
        return [
            try compare(fixture, "probabilities", probabilities, absolute: 1e-5),
            try compare(fixture, "loss", mean(fused.sum, logits), absolute: 1e-5),
            try compare(fixture, "dlogits", fused.gradient, absolute: 1e-5),
        ]
    }

    private func binaryCrossentropy(_ fixture: FixtureGroup, _ backend: TestBackend) throws -> [Difference] {
        let (logits, targets) = try logits(fixture)
        let input = Input(shape: logits.shape.sample)
        let graph = Model(inputs: input, outputs: Activation(.softmax)(input)).graph
        let output = graph.outputs[0]
        let objective = Objective(output, Loss.binaryCrossentropy.function(fromLogits: false))
        let result = try backend.backend.load(graph)
            .plan(
                batchSize: logits.shape[0], mode: .training([objective], outputs: [output], gradients: graph.inputs)
            ).step([logits], targets: [targets], dropout: nil)
        return [
            try compare(fixture, "probabilities", result.outputs[0], absolute: 1e-5),
            try compare(fixture, "loss", mean(result.scores[0].loss, logits), absolute: 1e-5),
            try compare(fixture, "dlogits", result.gradients[0], absolute: 1e-5),
        ]
    }

    private func penalized(_ fixture: FixtureGroup, _ backend: TestBackend) throws -> [Difference] {
        let x = try fixture.tensor("x"), kernel = try fixture.tensor("kernel")
        let l2 = fixture.config["l2"]?.number ?? 0
        let targets = oneHot(try fixture.integers("labels"), classes: kernel.shape[1])

        let input = Input(shape: x.shape.sample)
        let dense = Dense(kernel.shape[1], kernelRegularizer: L2(l2))(input)
        let model = Model(inputs: input, outputs: Activation(.softmax)(dense))
        try model.move(to: backend.backend)
        // A rate of 1 makes the update the gradient, penalty included.
        model.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 1))
        let bias = try fixture.tensor("bias")
        try model.setWeights([kernel, bias])
        let loss = try model.trainOnBatch(Batch(inputs: [x], targets: [targets]))
        let moved = try model.weights()
        func gradient(_ before: Tensor, _ after: Tensor) -> Tensor {
            Tensor(shape: before.shape, scalars: zip(before.scalars, after.scalars).map { $0 - $1 })
        }
        return [
            try compare(fixture, "total_loss", Tensor(shape: [1], scalars: [Float(loss)]), absolute: 1e-5),
            try compare(fixture, "dkernel", gradient(kernel, moved[0]), absolute: 1e-4),
            try compare(fixture, "dbias", gradient(bias, moved[1]), absolute: 1e-4),
        ]
    }

    /// Masks are random, so the fixture's mask cannot be expected. Dropped elements are 0, kept ones are scaled as in
    /// the case, both forward and backward, and inference changes nothing.
    private func dropout(_ fixture: FixtureGroup, _ backend: TestBackend) throws -> [Difference] {
        let x = try fixture.tensor("x"), mask = try fixture.tensor("mask"), y = try fixture.tensor("y")
        let kept = try #require(x.scalars.indices.first { mask.scalars[$0] == 1 && x.scalars[$0] != 0 })
        let scale = y.scalars[kept] / x.scalars[kept]
        let input = Input(shape: x.shape.sample)
        let graph = Model(inputs: input, outputs: try KerasTensor(layer(fixture, "Dropout"), [input])).graph
        let loaded = try backend.backend.load(graph)
        let dy = try fixture.tensor("dy")
        let result = try loaded.plan(batchSize: x.shape[0], mode: .weightedSum(of: graph))
            .step([x], targets: [dy], dropout: RandomStream(seed: 1, purpose: .dropout))
        let (dropped, dx) = (result.outputs[0], result.gradients[0])
        var expected = x, expectedGradient = dy
        for i in x.scalars.indices {
            let factor: Float = dropped.scalars[i] == 0 ? 0 : scale
            expected.scalars[i] *= factor
            expectedGradient.scalars[i] *= factor
        }
        let inference = try loaded.plan(batchSize: x.shape[0], mode: .inference(outputs: graph.outputs))
        return [
            Difference("training", dropped, expected, absolute: 1e-6, relative: 1e-6),
            Difference("gradient", dx, expectedGradient, absolute: 1e-6, relative: 1e-6),
            Difference("inference", try inference.predict([x])[0], x, absolute: 0),
        ]
    }

    private func softmax(_ logits: Tensor, _ backend: TestBackend) throws -> Tensor {
        let input = Input(shape: logits.shape.sample)
        let model = Model(inputs: input, outputs: Activation(.softmax)(input))
        try model.move(to: backend.backend)
        return try model.predict(logits)
    }

    private func mean(_ sum: Double, _ batch: Tensor) -> Tensor {
        Tensor(shape: [1], scalars: [Float(sum / Double(batch.shape[0]))])
    }
}
