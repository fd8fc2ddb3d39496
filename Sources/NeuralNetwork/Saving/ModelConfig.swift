import ComputeGraph
import Tensors

/// A model's architecture as Keras's `model_config`, in the spelling of Keras 2, which Keras 3 reads too.
extension Model {
    var config: JSON {
        let layers = layers.map { layer -> JSON in
            var config = layer.layer.config
            config["name"] = .string(layer.name)
            config["dtype"] = "float32"
            let inbound = layer.inbound.map { JSON.array([.string($0), 0, 0, [:]]) }
            return [
                "class_name": .string(layer.className), "name": .string(layer.name), "config": .object(config),
                "inbound_nodes": inbound.isEmpty ? [] : .array([.array(inbound)]),
            ]
        }
        func tensors(_ names: [String]) -> JSON { .array(names.map { .array([.string($0), 0, 0]) }) }
        return [
            "class_name": "Functional",
            "config": [
                "name": .string(name), "trainable": true, "layers": .array(layers),
                "input_layers": tensors(inputNames), "output_layers": tensors(outputNames),
            ],
        ]
    }

    /// A model from `model_config`, as Keras 2 or Keras 3 wrote it: functional, or a sequence of layers.
    ///
    /// - Throws: ``ModelFileError`` or ``LayerError`` naming the first layer that cannot be built.
    convenience init(config json: JSON) throws {
        guard let className = json["class_name"]?.string, let config = json["config"] else {
            throw ModelFileError("the model_config has no class_name or no config")
        }
        let name = config["name"]?.string ?? "model"
        let count = (config.array ?? config["layers"]?.array ?? []).count
        guard count <= 10_000 else { throw ModelFileError("the model_config has \(count) layers, more than 10000") }
        switch className {
        case "Functional", "Model":
            let network = try FunctionalConfig(config)
            try self.init(inputs: network.inputs, outputs: network.outputs, checkedName: name)
        case "Sequential":
            let (input, output) = try Self.sequential(config.array ?? config["layers"]?.array ?? [])
            try self.init(inputs: [input], outputs: [output], checkedName: name)
        default:
            throw ModelFileError("a model of class \(className) is not known here; Functional and Sequential are")
        }
    }

    private static func sequential(_ layers: [JSON]) throws -> (KerasTensor, KerasTensor) {
        var current: (input: KerasTensor, output: KerasTensor)?
        for json in layers {
            let config = try LayerConfig(json: json)
            if let (input, output) = current {
                current = (input, try KerasTensor(LayerRegistry.layer(config), [output]))
            } else if config.className == "InputLayer" {
                let input = try KerasTensor(InputLayer(config: config), [])
                current = (input, input)
            } else {
                // In Keras 2 the first layer carries the shape of its input.
                let shape = try InputLayer(
                    config: LayerConfig(
                        className: "InputLayer", entries: config.entries.filter { $0.key.hasPrefix("batch_") }))
                let input = try KerasTensor(shape, [])
                current = (input, try KerasTensor(LayerRegistry.layer(config), [input]))
            }
        }
        guard let current else { throw ModelFileError("the sequence of layers is empty") }
        return current
    }
}

extension JSON {
    /// The number formats that the layers of a `model_config` compute in, by Keras's names: `float32`, `mixed_float16`.
    var dtypePolicies: Set<String> {
        let layers = self["config"]?.array ?? self["config"]?["layers"]?.array ?? []
        return Set(
            layers.compactMap { layer in
                let policy = layer["config"]?["dtype"]
                return policy?.string ?? policy?["config"]?["name"]?.string
            })
    }
}

extension LayerConfig {
    /// Reads an entry of a model's `layers`.
    init(json: JSON) throws {
        guard let className = json["class_name"]?.string, case .object(var entries)? = json["config"] else {
            throw ModelFileError("a layer of the model_config has no class_name or no config")
        }
        if entries["name"] == nil { entries["name"] = json["name"] }
        // A custom class may be registered under the name of a Keras class, and is not that class. Keras has no
        // LocalResponseNormalization, so a registered one is ours.
        if let registered = json["registered_name"]?.string, registered != className,
            className != LocalResponseNormalization.className
        {
            throw ModelFileError(
                "layer \"\(entries["name"]?.string ?? "")\" is of the custom class \"\(registered)\", which is not known here"
            )
        }
        self.init(className: className, entries: entries)
    }
}

/// The layers of a functional model, connected.
private struct FunctionalConfig {
    let inputs: [KerasTensor]
    let outputs: [KerasTensor]

    init(_ config: JSON) throws {
        guard let layers = config["layers"]?.array else { throw ModelFileError("the model_config has no layers") }
        let built = try Self.build(layers)

        func tensors(_ key: String) throws -> [KerasTensor] {
            let names = try Self.tensorNames(config[key] ?? .null)
            guard !names.isEmpty else { throw ModelFileError("the model_config has no \(key)") }
            return try names.map {
                guard let tensor = built[$0] else {
                    throw ModelFileError("\(key) names \"\($0)\", which is not a layer")
                }
                return tensor
            }
        }
        inputs = try tensors("input_layers")
        outputs = try tensors("output_layers")
    }

    /// The outputs of all layers, by the layers' names.
    ///
    /// Keras lists every layer after its inputs, but a file need not.
    private static func build(_ layers: [JSON]) throws -> [String: KerasTensor] {
        let layers = try layers.map { json in (config: try LayerConfig(json: json), inbound: try inbound(json)) }
        var names: Set<String> = []
        var consumers: [String: [Int]] = [:]
        for (index, layer) in layers.enumerated() {
            guard let name = layer.config.name else { throw ModelFileError("a \(layer.config.className) has no name") }
            guard names.insert(name).inserted else { throw ModelFileError("two layers are named \"\(name)\"") }
            for input in Set(layer.inbound) { consumers[input, default: []].append(index) }
        }
        var missing = layers.map { Set($0.inbound).count }
        var ready = layers.indices.filter { missing[$0] == 0 }
        var built: [String: KerasTensor] = [:]
        var next = 0
        while next < ready.count {
            let (config, inbound) = layers[ready[next]]
            let name = config.name ?? ""
            built[name] = try KerasTensor(LayerRegistry.layer(config), inbound.compactMap { built[$0] })
            for consumer in consumers[name] ?? [] {
                missing[consumer] -= 1
                if missing[consumer] == 0 { ready.append(consumer) }
            }
            next += 1
        }
        if let first = layers.first(where: { built[$0.config.name ?? ""] == nil }) {
            let input = first.inbound.first { built[$0] == nil } ?? ""
            throw ModelFileError("\(first.config.label) takes its input from \"\(input)\", which cannot be built")
        }
        return built
    }

    /// Reads `["name", 0, 0]`, or a list of such entries.
    private static func tensorNames(_ json: JSON) throws -> [String] {
        guard let entries = json.array else { return [] }
        if let name = entries.first?.string { return [name] }
        return try entries.flatMap { try tensorNames($0) }
    }

    /// The names of a layer's inputs, in Keras 2's spelling or Keras 3's.
    private static func inbound(_ layer: JSON) throws -> [String] {
        let nodes = layer["inbound_nodes"]?.array ?? []
        guard nodes.count <= 1 else {
            throw ModelFileError(
                "layer \"\(layer["name"]?.string ?? "")\" is applied \(nodes.count) times; shared layers are not supported"
            )
        }
        guard let node = nodes.first else { return [] }
        if let arguments = node["args"]?.array { return try arguments.flatMap { try kerasTensors($0) } }
        return try (node.array ?? []).map { entry in
            guard let name = entry.array?.first?.string else {
                throw ModelFileError("the inputs of layer \"\(layer["name"]?.string ?? "")\" are not named")
            }
            return name
        }
    }

    /// The layers of Keras 3's `__keras_tensor__`, or of a list of such entries.
    private static func kerasTensors(_ json: JSON) throws -> [String] {
        if let entries = json.array { return try entries.flatMap { try kerasTensors($0) } }
        guard json["class_name"]?.string == "__keras_tensor__",
            let name = json["config"]?["keras_history"]?.array?.first?.string
        else { throw ModelFileError("a layer takes something that is not a tensor") }
        return [name]
    }
}
