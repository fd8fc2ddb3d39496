import ComputeGraph
import Tensors

/// A network as the graph that backends compute: nested models are unfolded, and the calls of a shared layer read the
/// same parameters.
struct NetworkGraph {
    private(set) var graph = Graph()
    /// The parameters of every layer that has no layers inside it, in the order of its weights.
    private(set) var parameters: [ObjectIdentifier: [ParameterID]] = [:]
    /// The layers in the order of the parameters, each once.
    private(set) var layers: [PlacedLayer] = []
    /// The penalties on outputs, once for every call.
    private(set) var activityPenalties: [(node: NodeID, penalty: Penalty)] = []
    /// The outputs of every call of the outermost network.
    private(set) var outputs: [ObjectIdentifier: [NodeID]] = [:]

    /// - Parameter isTrainable: whether the model as a whole is. The flags of models inside do not count, as in Keras 3:
    ///   freezing one has frozen its layers.
    /// - Throws: ``LayerError`` naming the layer that does not fit its inputs.
    init(_ network: Network, isTrainable: Bool) throws {
        addParameters(of: network, path: "", isTrainable: isTrainable)
        graph.outputs = try add(
            network, inputs: nil, path: "", context: Context(isTrainable: isTrainable, training: nil))
        graph.inputs = network.inputs.compactMap { outputs[ObjectIdentifier($0.node)]?.first }
    }

    func parameters(of layer: PlacedLayer) -> [ParameterID] {
        layer.network.map { $0.layers.flatMap(parameters) } ?? parameters[ObjectIdentifier(layer.identity)] ?? []
    }

    private struct Context {
        var isTrainable: Bool
        var training: Bool?

        func entering(_ node: LayerNode) -> Context {
            let isFrozen = !(node.layer is NestedModel || node.identity.isTrainable)
            return Context(isTrainable: isTrainable && !isFrozen, training: training ?? node.training)
        }

        /// A frozen normalization computes as in inference, but a frozen dropout drops.
        func adapted(_ operation: Operation) -> Operation {
            if training == false { return operation.inInference }
            if case .batchNormalization = operation, !isTrainable { return operation.inInference }
            return operation
        }
    }

    private mutating func addParameters(of network: Network, path: String, isTrainable: Bool) {
        for layer in network.layers {
            if let inner = layer.network {
                addParameters(of: inner, path: "\(path)\(layer.name)/", isTrainable: isTrainable)
                continue
            }
            let identity = ObjectIdentifier(layer.identity)
            guard parameters[identity] == nil else { continue }
            parameters[identity] = layer.weights.map { weight in
                graph.add(
                    Graph.Parameter(
                        name: "\(path)\(layer.name)/\(weight.name)", shape: weight.shape,
                        isTrainable: isTrainable && layer.isTrainable && weight.isTrainable,
                        penalty: weight.regularizer?.penalty ?? .none))
            }
            layers.append(layer)
        }
    }

    /// - Parameter inputs: the nodes that the network is called on; `nil` for the outermost.
    private mutating func add(
        _ network: Network, inputs: [NodeID]?, path: String, context: Context
    ) throws -> [NodeID] {
        var nodes: [ObjectIdentifier: [NodeID]] = [:]
        for (input, node) in zip(network.inputs, inputs ?? []) { nodes[ObjectIdentifier(input.node)] = [node] }
        let names = Dictionary(
            network.layers.map { (ObjectIdentifier($0.identity), $0.name) }, uniquingKeysWith: { first, _ in first })
        func node(_ tensor: KerasTensor) -> [NodeID] {
            nodes[ObjectIdentifier(tensor.node)].map { [$0[tensor.index]] } ?? []
        }
        for call in network.calls where nodes[ObjectIdentifier(call)] == nil {
            let name = path + (names[ObjectIdentifier(call.identity)] ?? "")
            let sources = call.inputs.flatMap(node), context = context.entering(call)
            if let nested = call.layer as? NestedModel {
                nodes[ObjectIdentifier(call)] = try add(
                    nested.network, inputs: sources, path: name + "/", context: context)
            } else {
                nodes[ObjectIdentifier(call)] = [try add(call, name, sources, context)]
            }
        }
        if inputs == nil { outputs = nodes }
        return network.outputs.flatMap(node)
    }

    private mutating func add(
        _ call: LayerNode, _ name: String, _ sources: [NodeID], _ context: Context
    ) throws -> NodeID {
        let placed = try call.layer.placed(on: sources.map { graph[$0].shape })
        var parameters = (parameters[ObjectIdentifier(call.identity)] ?? [])[...]
        var sources = sources
        for (index, operation) in placed.operations.enumerated() {
            let isLast = index == placed.operations.count - 1
            let count = operation.parameterShapes(for: sources.map { graph[$0].shape }).count
            sources = [
                try graph.add(
                    isLast ? name : "\(name)/\(index)",
                    context.adapted(operation), inputs: sources, parameters: Array(parameters.prefix(count)))
            ]
            parameters = parameters.dropFirst(count)
        }
        if let regularizer = call.layer.activityRegularizer {
            activityPenalties.append((sources[0], regularizer.penalty))
        }
        return sources[0]
    }
}
