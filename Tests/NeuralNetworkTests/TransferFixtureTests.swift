import FixtureSupport
import Tensors
import Testing
@testable import NeuralNetwork

/// The fine-tuning runs of transfer.json: bodies that are frozen, then freed in part, flat or nested.
@Suite struct TransferFixtureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let json: JSON
        /// How a nested body that is called with `training=False` is meant: as Keras 3 computes it, which replaces the
        /// argument by the outer call's, or as its guide and Keras 2 say.
        let isKeras3: Bool

        var key: String { json["key"]?.string ?? "?" }
        var testDescription: String { isKeras3 ? key : "\(key), documented" }
        /// The fixture's name of a set of numbers.
        func name(_ name: String) -> String { isKeras3 ? name : "documented_\(name)" }

        static func all() throws -> [Case] {
            try FixtureFile.transfer.list("cases").flatMap { json in
                let isDocumented = try FixtureFile.transferIO.group(json["key"]?.string ?? "?")
                    .contains("documented_losses")
                return [Case(json: json, isKeras3: true)] + (isDocumented ? [Case(json: json, isKeras3: false)] : [])
            }
        }
    }

    @Test(arguments: try Case.all(), TestBackend.allCases)
    func fineTuning(_ run: Case, on backend: TestBackend) throws {
        let reference = try FixtureFile.transferIO.group(run.key)
        let model = try Model(config: NetworkFixture(run.json, isKeras3: run.isKeras3).modelConfig).on(backend)
        let weights = try #require(run.json["weights"]?.array)
        #expect(model.graph.parameters.map(\.shape) == weights.map { $0["shape"]?.shape })
        try model.setWeights(fixtureWeights(ofLayer: run.json))

        let labels = try reference.integers("labels"), losses = try reference.tensor(run.name("losses"))
        let shape = try reference.shape("input_shape"), prefix = try reference.setting("hash_prefix").string ?? ""
        let (batch, units) = (shape[0], model.outputs[0].shape.count)
        let steps = try #require(run.json["steps_per_phase"]?.integer)
        for (number, phase) in try #require(run.json["phases"]?.array).enumerated() {
            try freeze(model, phase)
            #expect(model.graph.parameters.map(\.isTrainable) == phase["trainable"]?.array?.map { $0 == true })
            #expect(model.parameterCount == phase["total_params"]?.integer)
            #expect(model.trainableParameterCount == phase["trainable_params"]?.integer)
            model.compile(try compilation(run.json, phase, of: model))

            let before = try model.weights()
            for step in number * steps..<(number + 1) * steps {
                let classes = labels[step * batch..<(step + 1) * batch]
                let targets =
                    units == 1
                    ? Tensor(shape: [batch, 1], scalars: classes.map(Float.init)) : oneHot(classes, classes: units)
                let x = hashImages("\(prefix)/train_input/\(step)", shape)
                let loss = try model.trainOnBatch(Batch(inputs: [x], targets: [targets]), step: step)
                let expected = Double(losses.scalars[step])
                #expect(
                    abs(loss - expected) <= 1e-5 + 1e-5 * abs(expected),
                    "\(run.testDescription), step \(step): loss \(loss), not \(expected)")
            }
            let after = try model.weights()
            let changed = zip(before, after).map { $0 != $1 }
            #expect(changed == phase[run.name("changed")]?.array?.map { $0 == true })

            // Adam divides by the gradients' size, so a gradient as small as its epsilon, of an activation that is hardly
            // more than 0, may move a weight by a part of the rate.
            let tolerance = phase["optimizer"]?["name"] == "Adam" ? 2e-5 : 1e-5
            let flat = after.flatMap(\.scalars)
            let x = hashImages(
                try reference.setting("prediction_input_key").string ?? "", shape.sample.batched(2))
            for (name, value) in [
                ("weights_after_phase\(number + 1)", Tensor(shape: [flat.count], scalars: flat)),
                ("prediction_after_phase\(number + 1)", try model.predict(x)),
            ] {
                let difference = Difference(name, value, try reference.tensor(run.name(name)), absolute: tolerance)
                #expect(difference.isWithinTolerance, "\(run.testDescription): \(difference)")
            }
        }
    }

    /// Freezes the body, or frees it from a layer on. The body is the nested model, or the layers without which the first
    /// phase trains.
    private func freeze(_ model: Model, _ phase: JSON) throws {
        let first = phase["trainable_from"]?.string
        if let body = model.layers.first(where: { !$0.layers.isEmpty }) {
            body.setTrainable(first != nil)
            guard let first, first != "*" else { return }
            for layer in body.layers.prefix(while: { $0.name != first }) { layer.setTrainable(false) }
        } else if let first {
            let place = first == "*" ? 0 : try #require(model.layers.firstIndex { $0.name == first })
            for (index, layer) in model.layers.enumerated() { layer.setTrainable(index >= place) }
        } else {
            let flags = phase["trainable"]?.array ?? []
            for layer in model.layers {
                let parameters = model.parameters(of: layer)
                if !parameters.isEmpty { layer.setTrainable(parameters.contains { flags[$0.index] == true }) }
            }
        }
    }

    private func compilation(_ run: JSON, _ phase: JSON, of model: Model) throws -> Compilation {
        let losses: [String: JSON] = [
            "categorical_crossentropy": "categorical_crossentropy",
            "binary_crossentropy_from_logits": JSON(className: "BinaryCrossentropy", config: ["from_logits": true]),
        ]
        let loss = try #require(losses[run["loss"]?.string ?? ""], "\(run["loss"] ?? nil) is not known here")
        let optimizer = try #require(phase["optimizer"])
        return try Compilation(
            config: ["loss": loss, "optimizer_config": ["class_name": optimizer["name"] ?? nil, "config": optimizer]],
            outputNames: model.outputNames)
    }

    // MARK: - Surgery

    /// The network that is cut, and a way to cut it.
    struct Cut: Sendable, CustomTestStringConvertible {
        let network: JSON
        let json: JSON
        var testDescription: String { json["name"]?.string ?? "?" }

        static func all() throws -> [Cut] {
            guard FixtureFile.transfer.exists else { return [] }
            let surgery = try FixtureFile.transfer.json()["surgery"]
            let cuts = (surgery?["cuts"]?.array ?? []).map { Cut(network: surgery?["network"] ?? nil, json: $0) }
            guard !cuts.isEmpty else { throw FixtureError(description: "transfer.json holds no cuts") }
            return cuts
        }
    }

    @Test(arguments: try Cut.all(), TestBackend.allCases)
    func surgery(_ cut: Cut, on backend: TestBackend) throws {
        let reference = try FixtureFile.transferIO.group("surgery")
        let whole = try Model(config: NetworkFixture(cut.network).modelConfig).on(backend)
        try whole.setWeights((cut.network["layers"]?.array ?? []).flatMap(fixtureWeights))
        let places = try #require(cut.json["outputs"]?.array).compactMap(\.integer)
        let layers = places.map { whole.layers[$0 < 0 ? whole.layers.count + $0 : $0] }
        let part = try Model(inputs: whole.inputs, outputs: layers.map(\.output)).on(backend)
        #expect(part.layers.map(\.name) == cut.json["layers"]?.strings)
        #expect(part.outputNames == cut.json["output_layers"]?.strings)
        #expect(part.outputs.map(\.shape) == cut.json["output_shapes"]?.array?.map(\.shape))
        #expect(part.parameterCount == cut.json["total_params"]?.integer)
        #expect(part.trainableParameterCount == cut.json["trainable_params"]?.integer)
        let x = try reference.images("input_hash_key")
        let numbers = try FixtureFile.transferIO.group("surgery/\(cut.testDescription)")
        for (number, output) in try part.predict([x]).enumerated() {
            let name = "output\(number)"
            let difference = Difference(name, output, try numbers.tensor(name), absolute: 1e-5)
            #expect(difference.isWithinTolerance, "\(cut.testDescription): \(difference)")
        }
    }
}
