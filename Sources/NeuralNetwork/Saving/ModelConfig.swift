import ComputeGraph
import Tensors

/// A network's architecture as Keras's `model_config`, in the spelling of Keras 2, which Keras 3 reads too.
extension Network {
    /// - Parameter isTrainable: whether the network as a whole is.
    func modelConfig(isTrainable: Bool) -> JSON {
        JSON(className: "Functional", config: config(isTrainable: isTrainable))
    }

    func config(isTrainable: Bool) -> [String: JSON] {
        // Calls are counted from 0, but Keras 2 counts the making of a nested model as its call 0. So each call of a nested
        // model is written twice and read at the odd number: that is the first of the two in Keras 2, the second in 3.
        let nested = Set(layers.filter { $0.network != nil }.map(\.name))
        func reference(_ source: PlacedLayer.Source) -> [JSON] {
            let call = nested.contains(source.layer) ? 2 * source.call + 1 : source.call
            return [.string(source.layer), JSON(call), JSON(source.output)]
        }
        let layers = layers.map { layer -> JSON in
            var config = layer.layer.config
            config["name"] = .string(layer.name)
            // Keras 2's InputLayer does not take it.
            if layer.className != InputLayer.className { config["trainable"] = .bool(layer.isTrainable) }
            if layer.network == nil { config["dtype"] = "float32" }
            let calls = layer.calls.filter { !$0.inbound.isEmpty }.flatMap { call in
                let arguments: [String: JSON] = call.node.training.map { ["training": .bool($0)] } ?? [:]
                let inputs = JSON.array(call.inbound.map { .array(reference($0) + [.object(arguments)]) })
                return [JSON](repeating: inputs, count: layer.network == nil ? 1 : 2)
            }
            return [
                "class_name": .string(layer.className), "name": .string(layer.name), "config": .object(config),
                "inbound_nodes": .array(calls),
            ]
        }
        func tensors(_ tensors: [KerasTensor]) -> JSON {
            .array(tensors.compactMap { source(of: $0) }.map { .array(reference($0)) })
        }
        return [
            "name": .string(name), "trainable": .bool(isTrainable), "layers": .array(layers),
            "input_layers": tensors(inputs), "output_layers": tensors(outputs),
        ]
    }

    /// The layer, the call and the output that a tensor is.
    private func source(of tensor: KerasTensor) -> PlacedLayer.Source? {
        for layer in layers {
            if let call = layer.calls.firstIndex(where: { $0.node === tensor.node }) {
                return PlacedLayer.Source(layer: layer.name, call: call, output: tensor.index)
            }
        }
        return nil
    }

    /// A network from `model_config`, as Keras 2 or Keras 3 wrote it: functional, or a sequence of layers.
    ///
    /// - Throws: ``ModelFileError`` or ``LayerError`` naming the first layer that cannot be built.
    static func read(_ json: JSON, hardSigmoidSlope: Float = ActivationFunction.keras3Slope) throws -> Network {
        guard let className = json["class_name"]?.string, let config = json["config"] else {
            throw ModelFileError("the model_config has no class_name or no config")
        }
        let name = config["name"]?.string ?? "model"
        let count = (config.array ?? config["layers"]?.array ?? []).count
        guard count <= 10_000 else { throw ModelFileError("the model_config has \(count) layers, more than 10000") }
        switch className {
        case "Functional", "Model":
            let network = try FunctionalConfig(config, hardSigmoidSlope)
            return try Network(inputs: network.inputs, outputs: network.outputs, name: name)
        case "Sequential":
            let (input, output) = try sequential(
                config.array ?? config["layers"]?.array ?? [], hardSigmoidSlope)
            return try Network(inputs: [input], outputs: [output], name: name)
        default:
            throw ModelFileError("a model of class \(className) is not known here; Functional and Sequential are")
        }
    }

    private static func sequential(
        _ layers: [JSON], _ hardSigmoidSlope: Float
    ) throws -> (KerasTensor, KerasTensor) {
        var current: (input: KerasTensor, output: KerasTensor)?
        for json in layers {
            let config = try LayerConfig(json: json, hardSigmoidSlope)
            if let (input, output) = current {
                current = (input, try LayerRegistry.layer(config).calledAsRead([output], config))
            } else if config.className == "InputLayer" {
                let input = try KerasTensor(InputLayer(config: config), [])
                current = (input, input)
            } else {
                // In Keras 2 the first layer carries the shape of its input.
                var entries = config.entries.all.filter { $0.key.hasPrefix("batch_") }
                if entries.isEmpty, let nested = config.inputShape { entries["batch_shape"] = nested }
                let shape = try InputLayer(config: LayerConfig(className: "InputLayer", entries: entries))
                let input = try KerasTensor(shape, [])
                current = (input, try LayerRegistry.layer(config).calledAsRead([input], config))
            }
        }
        guard let current else { throw ModelFileError("the sequence of layers is empty") }
        return current
    }
}

extension Model {
    var config: JSON { network.modelConfig(isTrainable: identity.isTrainable) }

    /// - Parameter sharedLayers: the places of each layer that stands in several models.
    /// - Throws: ``ModelFileError`` or ``LayerError`` naming the first layer that cannot be built.
    convenience init(
        config json: JSON, hardSigmoidSlope: Float = ActivationFunction.keras3Slope, sharedLayers: [[[String]]] = []
    ) throws {
        var network = try Network.read(json, hardSigmoidSlope: hardSigmoidSlope)
        if !sharedLayers.isEmpty { network = try network.joining(sharedLayers) }
        try self.init(network)
        identity.isTrainable = json["config"]?["trainable"] != false
    }
}

extension Layer {
    /// Calls a layer of a file, which says whether it is trainable.
    fileprivate func calledAsRead(_ inputs: [KerasTensor], _ config: LayerConfig) throws -> KerasTensor {
        let identity = identity
        try setTrainable(asIn: config, identity)
        return KerasTensor(try LayerNode(self, identity, inputs, training: nil))
    }

    /// Only this flag: a file holds those of the layers inside a model too.
    fileprivate func setTrainable(asIn config: LayerConfig, _ identity: LayerIdentity) throws {
        if try !config.flag("trainable", default: true) { identity.isTrainable = false }
    }
}

extension JSON {
    /// The number formats that the layers of a `model_config` compute in, by Keras's names: `float32`, `mixed_float16`.
    var dtypePolicies: Set<String> {
        let layers = self["config"]?.array ?? self["config"]?["layers"]?.array ?? []
        return layers.reduce(into: []) { policies, layer in
            let policy = layer["config"]?["dtype"]
            if let name = policy?.string ?? policy?["config"]?["name"]?.string { policies.insert(name) }
            policies.formUnion(layer.dtypePolicies)
        }
    }
}

extension LayerConfig {
    /// Reads an entry of a model's `layers`.
    init(json: JSON, _ hardSigmoidSlope: Float) throws {
        guard let className = json["class_name"]?.string, let config = json["config"] else {
            throw ModelFileError("a layer of the model_config has no class_name or no config")
        }
        var entries: [String: JSON]
        switch config {
        case .object(let members): entries = members
        // Keras 2.1 wrote a sequence as a list.
        case .array where className == "Sequential": entries = ["layers": config]
        default: throw ModelFileError("the config of the \(className) in the model_config is not an object")
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
        self.init(className: className, entries: entries, hardSigmoidSlope: hardSigmoidSlope)
    }

    /// The shape of the first layer of a sequence inside, with the batch.
    fileprivate var inputShape: JSON? {
        let first = entries["layers"]?.array?.first?["config"]
        return first?["batch_shape"] ?? first?["batch_input_shape"]
    }
}

/// The layers of a functional model, connected.
private struct FunctionalConfig {
    let inputs: [KerasTensor]
    let outputs: [KerasTensor]

    /// An output of a call, as files name it.
    private struct Reference {
        let layer: String
        let call: Int
        let output: Int
        /// The call.
        var key: String { "\(layer)/\(call)" }
    }

    /// A layer of the file with all its calls.
    private struct Entry {
        let config: LayerConfig
        let name: String
        let calls: [[Reference]]
        /// The training argument of each call.
        let training: [Bool?]

        /// The number of the first call from outside, where another layer takes it. Keras 2 counts the making of a nested
        /// model as call 0.
        var firstCall = 0
        /// The same where the model's outputs name it.
        var firstOutput = 0
    }

    init(_ config: JSON, _ hardSigmoidSlope: Float) throws {
        guard let layers = config["layers"]?.array else { throw ModelFileError("the model_config has no layers") }
        let built = try Self.build(
            layers.map(ScaledResidual.asLayer), outputs: Self.references(config["output_layers"] ?? .null),
            hardSigmoidSlope)

        func tensors(_ key: String) throws -> [KerasTensor] {
            let references = try Self.references(config[key] ?? .null)
            guard !references.isEmpty else { throw ModelFileError("the model_config has no \(key)") }
            return try references.map { reference in
                guard let tensor = built(reference) else {
                    throw ModelFileError("\(key) names \"\(reference.layer)\", which is not a layer or not computed")
                }
                return tensor
            }
        }
        inputs = try tensors("input_layers")
        outputs = try tensors("output_layers")
    }

    /// Calls all layers.
    ///
    /// Keras lists every layer after its inputs, but a file need not.
    ///
    /// - Parameter named: the tensors that the model's outputs name.
    /// - Returns: the tensors by the model's references to its inputs and outputs.
    private static func build(
        _ layers: [JSON], outputs named: [Reference], _ hardSigmoidSlope: Float
    ) throws -> (Reference) -> KerasTensor? {
        var entries = try layers.map { json in
            let config = try LayerConfig(json: json, hardSigmoidSlope)
            guard let name = config.name else { throw ModelFileError("a \(config.className) has no name") }
            let calls = try calls(json)
            return Entry(config: config, name: name, calls: calls.map(\.inputs), training: calls.map(\.training))
        }
        var positions: [String: Int] = [:]
        for (index, entry) in entries.enumerated() {
            guard positions.updateValue(index, forKey: entry.name) == nil else {
                throw ModelFileError("two layers are named \"\(entry.name)\"")
            }
        }
        let isOfKeras3 = layers.contains { $0["inbound_nodes"]?.array?.contains { $0["args"] != nil } == true }
        let read = Set((entries.flatMap { $0.calls.joined() } + named).map(\.key))
        for (index, entry) in entries.enumerated() where LayerRegistry.isModel(entry.config) {
            if isOfKeras3 {
                // It counts the making of a functional model only where outputs name it.
                entries[index].firstOutput = entry.config.className == "Sequential" ? 0 : 1
            } else {
                // If nothing reads call 0 of a nested model, calls are counted from 1.
                let isCountedFromOne = read.contains("\(entry.name)/\(entry.calls.count)")
                let first = isCountedFromOne && !read.contains("\(entry.name)/0") ? 1 : 0
                (entries[index].firstCall, entries[index].firstOutput) = (first, first)
            }
        }

        let made = try entries.map { entry in
            let layer = try LayerRegistry.layer(entry.config)
            let identity = layer.identity
            try layer.setTrainable(asIn: entry.config, identity)
            return (layer: layer, identity: identity)
        }
        var outputs: [String: [Int: [KerasTensor]]] = [:]
        func tensor(_ reference: Reference, _ first: KeyPath<Entry, Int> = \.firstCall) -> KerasTensor? {
            guard let position = positions[reference.layer] else { return nil }
            let call = reference.call - entries[position][keyPath: first]
            guard let tensors = outputs[reference.layer]?[call], tensors.indices.contains(reference.output) else {
                return nil
            }
            return tensors[reference.output]
        }

        // A call waits for the calls that it reads, and for the one before it of its layer: so calls keep their numbers.
        struct Call {
            let entry: Int
            let number: Int
        }
        var waiting: [String: [Call]] = [:]
        var missing: [[Int]] = []
        var ready: [Call] = []
        for (index, entry) in entries.enumerated() {
            let calls = entry.calls.isEmpty ? [[]] : entry.calls
            missing.append([])
            for (number, inputs) in calls.enumerated() {
                var keys = Set(inputs.map(\.key))
                if number > 0 { keys.insert("\(entry.name)/\(number - 1 + entry.firstCall)") }
                for key in keys { waiting[key, default: []].append(Call(entry: index, number: number)) }
                if keys.isEmpty { ready.append(Call(entry: index, number: number)) }
                missing[index].append(keys.count)
            }
        }
        var next = 0
        while next < ready.count {
            let call = ready[next], entry = entries[call.entry]
            let inputs = entry.calls.isEmpty ? [] : entry.calls[call.number]
            let tensors = try inputs.map { reference in
                guard let tensor = tensor(reference) else {
                    throw ModelFileError(
                        "\(entry.config.label) takes output \(reference.output) of \"\(reference.layer)\", which it does not have"
                    )
                }
                return tensor
            }
            let (layer, identity) = made[call.entry]
            let training = entry.training.isEmpty ? nil : entry.training[call.number]
            outputs[entry.name, default: [:]][call.number] =
                try LayerNode(layer, identity, tensors, training: training).outputs
            for consumer in waiting["\(entry.name)/\(call.number + entry.firstCall)"] ?? [] {
                missing[consumer.entry][consumer.number] -= 1
                if missing[consumer.entry][consumer.number] == 0 { ready.append(consumer) }
            }
            next += 1
        }
        for entry in entries {
            for inputs in entry.calls {
                if let input = inputs.first(where: { tensor($0) == nil }) {
                    throw ModelFileError(
                        "\(entry.config.label) takes its input from \"\(input.layer)\", which cannot be built")
                }
            }
        }
        return { tensor($0, \.firstOutput) }
    }

    /// Reads `["name", 0, 0]`, or a list of such entries.
    private static func references(_ json: JSON) throws -> [Reference] {
        guard let entries = json.array else { return [] }
        guard let name = entries.first?.string else { return try entries.flatMap { try references($0) } }
        // A number that cannot be names nothing.
        func number(_ place: Int) -> Int {
            guard entries.count > place, let number = entries[place].integer else { return 0 }
            return (0...1 << 30).contains(number) ? number : 1 << 30
        }
        return [
            Reference(
                layer: name, call: number(1), output: number(2))
        ]
    }

    /// A layer's calls with their inputs, in Keras 2's spelling or Keras 3's.
    private static func calls(_ layer: JSON) throws -> [(inputs: [Reference], training: Bool?)] {
        let name = layer["name"]?.string ?? ""
        return try (layer["inbound_nodes"]?.array ?? []).map { node in
            if let arguments = node["args"]?.array {
                var keywords: [String: JSON] = [:]
                if case .object(let members)? = node["kwargs"] { keywords = members }
                let inputs = arguments.isEmpty ? keywords.removeValue(forKey: "inputs").map { [$0] } ?? [] : arguments
                if let (key, _) = keywords.sorted(by: { $0.key < $1.key }).first(where: { holdsTensor($0.value) }) {
                    throw ModelFileError("layer \"\(name)\" takes a tensor as \(key), which is not supported")
                }
                // Keras 3 writes `training` for layers that nobody gave it to, and replaces it by the outer call's.
                return (try inputs.flatMap { try kerasTensors($0) }, nil)
            }
            var entries = node.array ?? []
            // A single input is written without the list around it.
            if entries.first?.string != nil { entries = [.array(entries)] }
            var training: Bool?
            let inputs = try entries.map { entry in
                guard let reference = try references(entry).first else {
                    throw ModelFileError("the inputs of layer \"\(name)\" are not named")
                }
                if let arguments = entry.array?.dropFirst(3).first, let argument = arguments["training"]?.bool {
                    training = argument
                }
                return reference
            }
            if training == true {
                throw ModelFileError(
                    "layer \"\(name)\" is called with training=True, which lets it compute in inference as in training, and is "
                        + "not supported")
            }
            return (inputs, training)
        }
    }

    private static func holdsTensor(_ json: JSON) -> Bool {
        json["class_name"] == "__keras_tensor__" || json.array?.contains(where: holdsTensor) == true
    }

    /// The tensors of Keras 3's `__keras_tensor__`, or of a list of such entries.
    private static func kerasTensors(_ json: JSON) throws -> [Reference] {
        if let entries = json.array { return try entries.flatMap { try kerasTensors($0) } }
        guard json["class_name"]?.string == "__keras_tensor__", let history = json["config"]?["keras_history"],
            let reference = try references(history).first
        else { throw ModelFileError("a layer takes something that is not a tensor") }
        return [reference]
    }
}
