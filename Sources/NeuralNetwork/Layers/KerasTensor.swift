import ComputeGraph
import Synchronization
import Tensors

/// A symbolic tensor: the output of a layer, without numbers yet. Layers that are called on such tensors build the
/// graph of a ``Model`` (Keras's functional API).
public struct KerasTensor: Sendable {
    let node: LayerNode
    /// Shape of one sample, without the batch axis.
    public var shape: Shape { node.shape }

    /// The output of `layer` for `inputs`. Unlike calling the layer, this throws.
    ///
    /// - Throws: ``LayerError`` if the shapes do not fit, the layer's name cannot be stored in a file, or its output or
    ///   a weight would be too large.
    public init(_ layer: any Layer, _ inputs: [KerasTensor]) throws {
        let shape = try layer.outputShape(for: inputs.map(\.shape))
        guard !layer.operations(for: inputs.map(\.shape)).isEmpty else {
            throw LayerError("\(layer.label) has no operations")
        }
        guard shape.rank > 0, shape.dimensions.allSatisfy({ $0 > 0 }) else {
            throw LayerError("\(layer.label): its output would have the shape \(shape)")
        }
        // A file must be able to store it under this name.
        if let name = layer.name, name.isEmpty || name == "." || name.unicodeScalars.contains("\0") {
            throw LayerError("\(type(of: layer).className) cannot have the name \"\(name)\"")
        }
        let shapes = [shape] + layer.weights(for: inputs.map(\.shape)).map(\.shape)
        // A file may ask for any size; the code after this multiplies and allocates.
        if let large = shapes.first(where: { !$0.isCountable }) {
            throw LayerError(
                "\(layer.label) is too large: its output or a weight has the shape \(large), more than "
                    + "\(Shape.largestCount) elements")
        }
        node = LayerNode(layer: layer, inputs: inputs.map(\.node), shape: shape)
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
/// The entry of a model, Keras's `Input`.
///
/// - Parameters:
///   - shape: of one sample, without the batch axis: `[height, width, channels]`, `[steps, channels]` or `[features]`.
///   - name: unique within the model; by default `input_layer`, `input_layer_1`, ...
public func Input(shape: Shape, name: String? = nil) -> KerasTensor { InputLayer(shape: shape, name: name)([]) }

/// One application of a layer. Identity matters: two layers with equal settings are two layers.
final class LayerNode: Sendable {
    let layer: any Layer
    /// Only `deinit` changes it.
    nonisolated(unsafe) private(set) var inputs: [LayerNode]
    let shape: Shape
    /// The module whose closure called the layer.
    let module = Module.current
    /// Increases from layer to layer. Only its order is used: unnamed layers are numbered as they were written down.
    let creation: Int

    private static let created = Atomic<Int>(0)

    init(layer: any Layer, inputs: [LayerNode], shape: Shape) {
        self.layer = layer
        self.inputs = inputs
        self.shape = shape
        creation = Self.created.add(1, ordering: .relaxed).newValue
    }

    /// Releases the nodes one by one. If each node released the one before it, the calls would nest as deep as the
    /// network.
    deinit {
        var rest = inputs
        inputs = []
        while var node = rest.popLast() {
            guard isKnownUniquelyReferenced(&node) else { continue }
            rest += node.inputs
            node.inputs = []
        }
    }
}
