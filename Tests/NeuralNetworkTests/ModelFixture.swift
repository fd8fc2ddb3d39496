import FixtureSupport
import Tensors
import Testing
@testable import NeuralNetwork

/// A network of models.json: its layers, with their configurations and weights, are all in the fixture.
struct ModelFixture: CustomTestStringConvertible, Sendable {
    let json: JSON

    static func all(_ list: String) throws -> [ModelFixture] {
        (try Fixtures.json("models.json")[list]?.array ?? []).map(ModelFixture.init)
    }

    var key: String { json["key"]?.string ?? "?" }
    var testDescription: String { key }
    var builder: String { json["builder"]?.string ?? "?" }
    var arguments: JSON { json["arguments"] ?? [:] }
    var layers: [JSON] { json["layers"]?.array ?? [] }
    var inputShape: Shape { Shape((json["input_shape"]?.array ?? []).compactMap(\.integer)) }
    var outputs: [String] { (json["outputs"]?.array ?? []).compactMap(\.string) }
    var isSequential: Bool { json["model_class"]?.string == "Sequential" }

    /// The network from the fixture's own list of layers, read like a model file.
    func modelFromLayers() throws -> Model {
        var layers = self.layers
        var inbound = layers.map { ($0["inbound"]?.array ?? []).compactMap(\.string) }
        if isSequential {
            // A sequence has no input layer, and each layer follows the one before it.
            layers.insert(["name": "input", "class": "InputLayer", "config": [:]], at: 0)
            inbound = [[]] + layers.dropLast().map { [$0["name"]?.string ?? ""] }
        }
        let configs = zip(layers, inbound).map { layer, inbound -> JSON in
            var entries: [String: JSON] = [:]
            if case .object(let members)? = layer["config"] { entries = members }
            entries["name"] = layer["name"]
            entries["batch_input_shape"] = .array([.null] + inputShape.dimensions.map { JSON($0) })
            if let l2 = entries.removeValue(forKey: "kernel_l2") {
                entries["kernel_regularizer"] = ["class_name": "L2", "config": ["l2": l2]]
            }
            return [
                "class_name": layer["class"] ?? nil, "name": layer["name"] ?? nil, "config": .object(entries),
                "inbound_nodes": inbound.isEmpty ? [] : [.array(inbound.map { [.string($0), 0, 0, [:]] })],
            ]
        }
        let inputs = zip(layers, inbound).filter { $1.isEmpty }.map { $0.0["name"]?.string ?? "" }
        return try Model(config: [
            "class_name": "Functional",
            "config": [
                "name": json["model_name"] ?? nil, "layers": .array(configs),
                "input_layers": .array(inputs.map { [.string($0), 0, 0] }),
                "output_layers": .array(outputs.map { [.string($0), 0, 0] }),
            ],
        ])
    }

    /// The weights of the fixture's predictions, in the order of `model.layers`.
    func weights(for model: Model) throws -> [Tensor] {
        let byName = Dictionary(layers.map { ($0["name"]?.string ?? "", $0) }) { first, _ in first }
        return model.layers.flatMap { layer in byName[layer.name].map(fixtureWeights) ?? [] }
    }
}
