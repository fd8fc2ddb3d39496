import ComputeGraph
import Tensors

/// A layer at its place in a model.
public struct PlacedLayer: Sendable {
    /// A call of the layer.
    struct Call: Sendable {
        let inbound: [Source]
        let node: LayerNode
    }

    /// An output of a call of a layer.
    struct Source: Sendable {
        let layer: String
        /// The calls of a layer are counted from 0.
        let call: Int
        let output: Int
    }

    /// The layer's name, unique within the model.
    public let name: String
    /// The layer's description.
    public let layer: any Layer
    let identity: LayerIdentity
    /// In the order in which they were written down; several, if the layer is shared.
    let calls: [Call]

    /// Names of the layers it takes its inputs from, in argument order; of all its calls, if it was called several times.
    public var inbound: [String] { calls.flatMap { $0.inbound.map(\.layer) } }
    /// The output of its first call: the place to cut a model, or to add to it.
    public var output: KerasTensor { KerasTensor(calls[0].node) }
    /// All outputs of all its calls.
    public var outputs: [KerasTensor] { calls.flatMap(\.node.outputs) }
    /// Shape of one sample's output.
    public var outputShape: Shape { output.shape }
    /// Keras's name of the layer's class.
    public var className: String { type(of: layer).className }

    /// Whether training moves its weights.
    public var isTrainable: Bool { identity.isTrainable }

    /// Freezes or frees the layer, and all layers inside it: see ``Layer/setTrainable(_:)``.
    public func setTrainable(_ isTrainable: Bool) {
        identity.isTrainable = isTrainable
        for layer in layers { layer.setTrainable(isTrainable) }
    }

    /// The modules that its first call stands in, the outermost first. Layers of a file stand in none.
    public var modules: [Module] { calls[0].node.module?.path ?? [] }

    /// The layers inside, if this is a model that was called as a layer.
    public var layers: [PlacedLayer] { network?.layers ?? [] }
    var network: Network? { (layer as? NestedModel)?.network }

    /// The layer's weights, in Keras's order.
    public var weights: [PlacedWeight] {
        if let network { return network.layers.flatMap(\.weights) }
        let shapes = (try? layer.placed(on: calls[0].node.inputs.map(\.shape)))?.weightShapes ?? []
        return zip(layer.weights, shapes).map { PlacedWeight(description: $0, shape: $1) }
    }
    /// Number of scalars in its weights.
    public var parameterCount: Int { weights.reduce(0) { $0 + $1.shape.count } }
}

/// A weight of a layer at its place.
@dynamicMemberLookup
public struct PlacedWeight: Sendable {
    /// Name, initial values, penalty.
    public let description: WeightDescription
    /// As the layer's input makes it.
    public let shape: Shape

    /// A member of the description.
    public subscript<Member>(dynamicMember path: KeyPath<WeightDescription, Member>) -> Member {
        description[keyPath: path]
    }
}
