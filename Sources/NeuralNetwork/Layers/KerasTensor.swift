import ComputeGraph
import Synchronization
import Tensors

/// A symbolic tensor: the output of a layer, without numbers yet. Layers that are called on such tensors build the
/// graph of a ``Model`` (Keras's functional API).
public struct KerasTensor: Sendable {
    let node: LayerNode
    /// The place among the outputs of the layer; 0, except for a model that was called as a layer.
    let index: Int
    /// Shape of one sample, without the batch axis.
    public var shape: Shape { node.outputShapes[index] }

    init(_ node: LayerNode, index: Int = 0) {
        self.node = node
        self.index = index
    }

    /// The output of `layer` for `inputs`. Unlike calling the layer, this throws.
    ///
    /// - Parameters:
    ///   - layer: is called; its copies share its weights.
    ///   - inputs: in argument order.
    ///   - training: `false` lets a ``BatchNormalization`` or ``Dropout`` compute as in inference while the model is
    ///     trained, and still trains the weights: Keras 2's call argument.
    /// - Throws: ``LayerError`` if the shapes do not fit, the layer's name cannot be stored in a file, or its output or
    ///   a weight would be too large.
    public init(_ layer: any Layer, _ inputs: [KerasTensor], training: Bool? = nil) throws {
        self.init(try LayerNode(layer, layer.identity, inputs, training: training))
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
/// The entry of a model, Keras's `Input`.
///
/// - Parameters:
///   - shape: of one sample, without the batch axis: `[height, width, channels]`, `[steps, channels]` or `[features]`.
///   - name: unique within the model; by default `input_layer`, `input_layer_1`, ...
public func Input(shape: Shape, name: String? = nil) -> KerasTensor { InputLayer(shape: shape, name: name)([]) }

/// One call of a layer: Keras's `Node`. Calls with the same identity are calls of the same layer.
final class LayerNode: Sendable {
    let layer: any Layer
    let identity: LayerIdentity
    /// Only `deinit` changes it.
    nonisolated(unsafe) private(set) var inputs: [KerasTensor]
    let outputShapes: [Shape]
    /// Keras 2's call argument; `nil` if there is none.
    let training: Bool?
    /// The module whose closure called the layer.
    let module: Module?
    /// Increases from call to call. Only its order is used: unnamed layers are numbered as they were written down.
    let creation: Int

    private static let created = Atomic<Int>(0)

    /// - Throws: ``LayerError``, as ``KerasTensor/init(_:_:training:)``.
    init(
        _ layer: any Layer, _ identity: LayerIdentity, _ inputs: [KerasTensor], training: Bool?,
        module: Module? = .current
    ) throws {
        // A file must be able to store it under this name.
        if let name = layer.name, name.isEmpty || name == "." || name.unicodeScalars.contains("\0") {
            throw LayerError("\(type(of: layer).className) cannot have the name \"\(name)\"")
        }
        self.layer = layer
        self.identity = identity
        self.inputs = inputs
        self.training = training
        self.module = module
        outputShapes =
            if let nested = layer as? NestedModel {
                try nested.network.outputShapes(for: inputs.map(\.shape))
            } else {
                [try layer.placed(on: inputs.map(\.shape)).outputShape]
            }
        creation = Self.created.add(1, ordering: .relaxed).newValue
    }

    /// The calls whose outputs this one reads.
    var sources: [LayerNode] { inputs.map(\.node) }

    var outputs: [KerasTensor] { outputShapes.indices.map { KerasTensor(self, index: $0) } }

    /// Releases the nodes one by one. If each node released the one before it, the calls would nest as deep as the
    /// network.
    deinit {
        var rest = inputs.map(\.node)
        inputs = []
        while var node = rest.popLast() {
            guard isKnownUniquelyReferenced(&node) else { continue }
            rest += node.inputs.map(\.node)
            node.inputs = []
        }
    }
}
