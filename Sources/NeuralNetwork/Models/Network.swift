import ComputeGraph
import Tensors

/// The layers of a model and how they are connected. It never changes and holds no memory.
final class Network: Sendable {
    let name: String
    /// Whether a program or a file gave the name; else an outer model may number it.
    let isNamed: Bool
    let inputs: [KerasTensor]
    let outputs: [KerasTensor]
    /// Every call of a layer, inputs before the calls that read them.
    let calls: [LayerNode]
    /// Every layer once, in the order of Keras's `model.layers`.
    let layers: [PlacedLayer]
    /// The number of calls with those inside models that are called; at most ``maximumCalls``.
    let unfoldedCalls: Int

    /// Models that call each other twice, and so on, would double with each level.
    private static let maximumCalls = 100_000

    /// - Throws: ``LayerError`` if there is no output, if two layers have the same name, if an input is listed twice or
    ///   missing, or if the models inside make too many calls.
    init(inputs: [KerasTensor], outputs: [KerasTensor], name: String, isNamed: Bool = true) throws {
        guard !outputs.isEmpty else { throw LayerError("a model needs an output") }
        guard Set(inputs.map(TensorKey.init)).count == inputs.count else {
            throw LayerError("an input of the model is listed twice")
        }
        self.name = name
        self.isNamed = isNamed
        let (inputs, outputs) = try Self.cut(inputs: inputs, outputs: outputs)
        self.inputs = inputs
        self.outputs = outputs
        let order = LayerOrder(inputs: inputs.map(\.node), outputs: outputs.map(\.node))
        calls = order.calls
        unfoldedCalls = calls.reduce(0) { $0 + (($1.layer as? NestedModel)?.network.unfoldedCalls ?? 1) }
        guard unfoldedCalls <= Self.maximumCalls else {
            throw LayerError(
                "the model \"\(name)\" makes \(unfoldedCalls) calls of layers with those of the models inside, more than "
                    + "\(Self.maximumCalls)")
        }
        let byCreation = calls.sorted { $0.creation < $1.creation }
        let names = Naming.names(for: byCreation)
        func nameOf(_ node: LayerNode) -> String { names[ObjectIdentifier(node.identity)] ?? "" }

        let callsOfLayers = Dictionary(grouping: byCreation) { ObjectIdentifier($0.identity) }
        let layersNamed = Dictionary(grouping: order.layers) { names[$0] ?? "" }
        if let (name, twice) = layersNamed.filter({ $0.value.count > 1 }).min(by: { $0.key < $1.key }) {
            let classes = twice.compactMap { callsOfLayers[$0]?.first.map { type(of: $0.layer).className } }
            throw LayerError(
                "two layers are named \"\(name)\" (\(classes.joined(separator: " and "))): give one of them another name, "
                    + "or call one model as a layer of the other")
        }
        let given = Set(inputs.map { ObjectIdentifier($0.node) })
        if let stray = calls.first(where: { $0.layer is InputLayer && !given.contains(ObjectIdentifier($0)) }) {
            throw LayerError(
                "the outputs depend on \"\(nameOf(stray))\", which is not among the model's inputs: list it, or compute the "
                    + "outputs from the inputs that are")
        }

        var callNumbers: [ObjectIdentifier: Int] = [:]
        for calls in callsOfLayers.values {
            for (number, call) in calls.enumerated() { callNumbers[ObjectIdentifier(call)] = number }
        }
        layers = order.layers.compactMap { identity in
            guard let calls = callsOfLayers[identity], let first = calls.first else { return nil }
            return PlacedLayer(
                name: nameOf(first), layer: first.layer, identity: first.identity,
                calls: calls.map { call in
                    PlacedLayer.Call(
                        inbound: call.inputs.map {
                            PlacedLayer.Source(
                                layer: nameOf($0.node), call: callNumbers[ObjectIdentifier($0.node)] ?? 0,
                                output: $0.index)
                        }, node: call)
                })
        }
    }

    /// A tensor as a key.
    private struct TensorKey: Hashable {
        let node: ObjectIdentifier
        let index: Int

        init(_ tensor: KerasTensor) {
            node = ObjectIdentifier(tensor.node)
            index = tensor.index
        }
    }

    /// Lets the network begin at tensors in the middle of another: they become inputs, and the calls after them are made
    /// again, of the same layers.
    private static func cut(
        inputs: [KerasTensor], outputs: [KerasTensor]
    ) throws -> (inputs: [KerasTensor], outputs: [KerasTensor]) {
        guard inputs.contains(where: { !($0.node.layer is InputLayer) }) else { return (inputs, outputs) }
        var replaced: [TensorKey: KerasTensor] = [:]
        let begun = try inputs.map { tensor in
            let input = tensor.node.layer is InputLayer ? tensor : try KerasTensor(InputLayer(shape: tensor.shape), [])
            replaced[TensorKey(tensor)] = input
            return input
        }
        return (begun, try remade(outputs, &replaced))
    }

    /// `tensors` computed again from `replaced`, by the same layers or by those that `layer` puts in their place.
    private static func remade(
        _ tensors: [KerasTensor], _ replaced: inout [TensorKey: KerasTensor],
        layer: (LayerNode) -> (any Layer, LayerIdentity) = { ($0.layer, $0.identity) }
    ) throws -> [KerasTensor] {
        let order = LayerOrder(inputs: [], outputs: tensors.map(\.node)).calls
        for call in order {
            let isDone = call.outputs.allSatisfy { replaced[TensorKey($0)] != nil }
            guard !isDone, !(call.layer is InputLayer) else { continue }
            let (layer, identity) = layer(call)
            let inputs = call.inputs.map { replaced[TensorKey($0)] ?? $0 }
            let new = try LayerNode(layer, identity, inputs, training: call.training, module: call.module)
            for (old, new) in zip(call.outputs, new.outputs) where replaced[TensorKey(old)] == nil {
                replaced[TensorKey(old)] = new
            }
        }
        return tensors.map { replaced[TensorKey($0)] ?? $0 }
    }

    /// The same network of new layers, which share no weights with these.
    ///
    /// - Parameter change: the layer in the place of that of a call.
    func rebuilt(_ change: (LayerNode) -> any Layer) throws -> Network {
        var layers: [ObjectIdentifier: (any Layer, LayerIdentity)] = [:]
        return try rebuilt(change, &layers)
    }

    /// - Parameter layers: the new layers by the identities of the old ones. A layer of several models stays one.
    private func rebuilt(
        _ change: (LayerNode) -> any Layer, _ layers: inout [ObjectIdentifier: (any Layer, LayerIdentity)]
    ) throws -> Network {
        for call in calls where layers[ObjectIdentifier(call.identity)] == nil {
            let identity = call.identity.copied()
            let layer: any Layer =
                if let model = call.layer as? NestedModel {
                    NestedModel(
                        network: try model.network.rebuilt(change, &layers), name: model.name, identity: identity)
                } else {
                    change(call)
                }
            layers[ObjectIdentifier(call.identity)] = (layer, identity)
        }
        let new = layers
        func layer(_ call: LayerNode) -> (any Layer, LayerIdentity) {
            new[ObjectIdentifier(call.identity)] ?? (call.layer, call.identity)
        }
        var replaced: [TensorKey: KerasTensor] = [:]
        for input in inputs {
            let (layer, identity) = layer(input.node)
            replaced[TensorKey(input)] = KerasTensor(try LayerNode(layer, identity, [], training: nil))
        }
        let outputs = try Self.remade(outputs, &replaced, layer: layer)
        return try Network(
            inputs: inputs.map { replaced[TensorKey($0)] ?? $0 }, outputs: outputs, name: name, isNamed: isNamed)
    }

    /// Layers that stand at several places, in this network and in those inside it: the paths of each.
    var layersAtSeveralPlaces: [[[String]]] {
        Dictionary(grouping: paths(), by: { ObjectIdentifier($0.layer.identity) }).values
            .filter { $0.count > 1 && !$0[0].layer.layer.weights.isEmpty }.map { $0.map(\.path) }
            .sorted { $0[0].lexicographicallyPrecedes($1[0]) }
    }

    /// The same network, in which the layers at these paths are one: the first.
    ///
    /// - Throws: ``ModelFileError`` for paths of layers that are not alike.
    func joining(_ places: [[[String]]]) throws -> Network {
        let layersByPath = Dictionary(paths().map { ($0.path, $0.layer) }) { first, _ in first }
        var joined: [ObjectIdentifier: (any Layer, LayerIdentity)] = [:]
        for paths in places {
            let layers = paths.compactMap { layersByPath[$0] }
            guard layers.count == paths.count, let first = layers.first,
                layers.allSatisfy({ $0.className == first.className && $0.layer.config == first.layer.config })
            else {
                let names = paths.map { "\"\($0.joined(separator: "/"))\"" }
                throw ModelFileError(
                    "\(names.joined(separator: " and ")) are to be one layer, but are not alike; the file is damaged")
            }
            let identity = first.identity.copied()
            for layer in layers { joined[ObjectIdentifier(layer.identity)] = (layer.layer, identity) }
        }
        return try rebuilt(\.layer, &joined)
    }

    /// The layers without layers inside them, with the names of the models around them and their own.
    func paths(in outer: [String] = []) -> [(path: [String], layer: PlacedLayer)] {
        layers.flatMap { layer in
            layer.network?.paths(in: outer + [layer.name]) ?? [(outer + [layer.name], layer)]
        }
    }

    /// The shapes of the outputs if the network is called on inputs of other shapes than its own, as in Keras.
    func outputShapes(for inputShapes: [Shape]) throws -> [Shape] {
        var known: [ShapeKey: [Shape]] = [:]
        return try outputShapes(for: inputShapes, &known)
    }

    private struct ShapeKey: Hashable {
        let network: ObjectIdentifier
        let inputs: [Shape]
    }

    /// - Parameter known: what has been computed for models inside, which may call each other many times.
    private func outputShapes(for inputShapes: [Shape], _ known: inout [ShapeKey: [Shape]]) throws -> [Shape] {
        let key = ShapeKey(network: ObjectIdentifier(self), inputs: inputShapes)
        if let shapes = known[key] { return shapes }
        guard inputShapes.count == inputs.count else {
            throw LayerError("the model \"\(name)\" takes \(inputs.count) inputs, not \(inputShapes.count)")
        }
        var shapes: [TensorKey: Shape] = [:]
        for (input, shape) in zip(inputs, inputShapes) {
            guard shape.rank == input.shape.rank, shape.dimensions.last == input.shape.dimensions.last else {
                throw LayerError("the model \"\(name)\" takes an input of shape \(input.shape), not \(shape)")
            }
            shapes[TensorKey(input)] = shape
        }
        for call in calls where !(call.layer is InputLayer) {
            let inputs = call.inputs.map { shapes[TensorKey($0)] ?? $0.shape }
            let outputs =
                if let nested = call.layer as? NestedModel {
                    try nested.network.outputShapes(for: inputs, &known)
                } else {
                    [try call.layer.outputShape(for: inputs)]
                }
            for (tensor, shape) in zip(call.outputs, outputs) { shapes[TensorKey(tensor)] = shape }
        }
        let result = outputs.map { shapes[TensorKey($0)] ?? $0.shape }
        known[key] = result
        return result
    }

    /// The names of the layers that the tensors are outputs of.
    func layerNames(of tensors: [KerasTensor]) -> [String] {
        tensors.map { tensor in layers.first { $0.identity === tensor.node.identity }?.name ?? "" }
    }

    /// All layers that have no layers inside them, from outside to inside.
    var innermostLayers: [PlacedLayer] { layers.flatMap { $0.network?.innermostLayers ?? [$0] } }
}

/// A model that was called as a layer: Keras's nested model. The weights stay those of its layers.
struct NestedModel: Layer {
    static let className = "Functional"
    let network: Network
    let name: String?
    let identity: LayerIdentity

    /// Those of the layers inside.
    var weights: [WeightDescription] { network.innermostLayers.flatMap { $0.layer.weights } }

    /// - Throws: ``LayerError``: the operations of a model are those of its layers, which need not follow one another.
    func operations(for inputs: [Shape]) throws -> [Operation] {
        throw LayerError("the model \"\(network.name)\" is computed layer by layer")
    }

    var config: [String: JSON] { network.config(isTrainable: identity.isTrainable) }

    init(network: Network, name: String?, identity: LayerIdentity) {
        self.network = network
        self.name = name
        self.identity = identity
    }

    init(config: LayerConfig) throws {
        let json = JSON.object(["class_name": .string(config.className), "config": .object(config.entries.all)])
        let model = try Network.read(json, hardSigmoidSlope: config.hardSigmoidSlope)
        self.init(network: model, name: config.name, identity: LayerIdentity())
    }
}
