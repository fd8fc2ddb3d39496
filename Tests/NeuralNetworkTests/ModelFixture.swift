import FixtureSupport
import Foundation
import Tensors
import Testing
@testable import NeuralNetwork

/// A network of models.json or models2.json: its layers, with their configurations and weights, are all in the fixture.
struct ModelFixture: CustomTestStringConvertible, Sendable {
    let file: FixtureFile
    let json: JSON
    let layers: [JSON]

    private init(_ file: FixtureFile, _ json: JSON, layers: [JSON]) {
        (self.file, self.json, self.layers) = (file, json, layers)
    }

    /// A list of networks, of both sets.
    static func all(_ list: String) throws -> [ModelFixture] {
        try [FixtureFile.models, .models2].flatMap { file in
            try file.list(list).map { ModelFixture(file, $0, layers: $0["layers"]?.array ?? []) }
        }
    }

    /// Networks of models2.json in another shape: the same layers with other outputs, fewer of them, or a few more.
    static func variants() throws -> [ModelFixture] {
        try FixtureFile.models2.variants().map { ModelFixture(.models2, $0, layers: $0["layers"]?.array ?? []) }
    }

    private static let isSlow = ProcessInfo.processInfo.environment["SLOW_FIXTURES"] != nil

    /// Without the networks of models2.json that take gigabytes, unless `$SLOW_FIXTURES` asks for them.
    static func affordable(_ fixtures: [ModelFixture]) -> [ModelFixture] {
        let large = fixtures.filter { $0.file == .models2 && $0.parameterCount > 30_000_000 && !isSlow }.map(\.key)
        if !large.isEmpty { print("fixtures: SLOW_FIXTURES=1 also computes \(large.joined(separator: ", "))") }
        return fixtures.filter { !large.contains($0.key) || $0.file != .models2 }
    }

    /// Whether a backend computes it in seconds. The slow ones compute the variants of models2.json with small images;
    /// `$SLOW_FIXTURES` asks them for all.
    func isQuick(on backend: TestBackend) -> Bool {
        backend == .any || file != .models2 || inputShape.count <= 100_000 || Self.isSlow
    }

    var key: String { json["key"]?.string ?? "?" }
    var testDescription: String { "\(file.rawValue), \(key)" }
    var parameterCount: Int { json["total_params"]?.integer ?? 0 }
    var inputShape: Shape { json["input_shape"]?.shape ?? [] }
    var outputs: [String] { json["outputs"]?.strings ?? [] }
    var isSequential: Bool { json["model_class"]?.string == "Sequential" }

    /// The numbers that belong to the network.
    func numbers() throws -> FixtureGroup { try file.io.group(key) }

    /// The network from the fixture's own list of layers, read like a model file.
    func modelFromLayers() throws -> Model { try Model(config: NetworkFixture(self).modelConfig) }

    /// The weights of the fixture's predictions, in the order of `model.layers`.
    func weights(for model: Model) throws -> [Tensor] {
        let byName = Dictionary(layers.map { ($0["name"]?.string ?? "", $0) }) { first, _ in first }
        return model.layers.flatMap { layer in byName[layer.name].map(fixtureWeights) ?? [] }
    }
}

/// A fixture's list of layers as Keras's `model_config`.
struct NetworkFixture {
    let name: JSON?
    let layers: [JSON]
    let inputShape: Shape
    let outputs: [String]
    let isSequential: Bool
    /// Whether calls are spelled as in Keras 3, which gives their arguments no meaning, or as in Keras 2.
    var isKeras3 = false

    init(_ fixture: ModelFixture) {
        name = fixture.json["model_name"]
        (layers, inputShape, outputs) = (fixture.layers, fixture.inputShape, fixture.outputs)
        isSequential = fixture.isSequential
    }

    /// - Parameter json: with `layers`, `input_shape`, `outputs`.
    init(_ json: JSON, isKeras3: Bool = false) {
        name = json["model_name"] ?? json["key"]
        layers = json["layers"]?.array ?? []
        inputShape = json["input_shape"]?.shape ?? layers.first?["output_shape"]?.shape ?? []
        outputs = json["outputs"]?.strings ?? []
        isSequential = json["model_class"] == "Sequential"
        self.isKeras3 = isKeras3
    }

    var modelConfig: JSON {
        var layers = layers
        var inbound = layers.map { $0["inbound"]?.strings ?? [] }
        if isSequential {
            // A sequence has no input layer, and each layer follows the one before it.
            layers.insert(["name": "input", "class": "InputLayer", "config": [:]], at: 0)
            inbound = [[]] + layers.dropLast().map { [$0["name"]?.string ?? ""] }
        }
        let inputs = zip(layers, inbound).filter { $1.isEmpty }.compactMap { $0.0["name"]?.string }
        return JSON(
            className: "Functional",
            config: [
                "name": name ?? "network", "layers": .array(zip(layers, inbound).map(config)),
                "input_layers": .array(inputs.map { [.string($0), 0, 0] }),
                "output_layers": .array(outputs.map { [.string($0), 0, 0] }),
            ])
    }

    private func config(_ layer: JSON, _ inbound: [String]) -> JSON {
        var entries: [String: JSON] = [:]
        if layer["layers"] != nil {
            // A model that is called as a layer.
            let nested = NetworkFixture(layer, isKeras3: isKeras3).modelConfig
            if case .object(let members)? = nested["config"] { entries = members }
        } else {
            if case .object(let members)? = layer["config"] { entries = members }
            entries["batch_input_shape"] = .array([.null] + inputShape.dimensions.map { JSON($0) })
            if let l2 = entries.removeValue(forKey: "kernel_l2") {
                entries["kernel_regularizer"] = ["class_name": "L2", "config": ["l2": l2]]
            }
        }
        entries["name"] = layer["name"]
        return [
            "class_name": layer["class"] ?? nil, "name": layer["name"] ?? nil, "config": .object(entries),
            "inbound_nodes": inbound.isEmpty ? [] : [call(on: inbound, layer["call_arguments"] ?? [:])],
        ]
    }

    private func call(on inbound: [String], _ arguments: JSON) -> JSON {
        guard isKeras3 else { return .array(inbound.map { [.string($0), 0, 0, arguments] }) }
        let tensors = inbound.map { name in
            JSON(className: "__keras_tensor__", config: ["keras_history": [.string(name), 0, 0]])
        }
        return ["args": [tensors.count == 1 ? tensors[0] : .array(tensors)], "kwargs": arguments]
    }
}
