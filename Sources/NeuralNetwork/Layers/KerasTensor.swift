import ComputeGraph
import Synchronization
import Tensors

/// A symbolic tensor: the output of a layer, not yet a number. Calling layers on such tensors draws the graph that
/// ``Model`` is made from (Keras's functional API).
public struct KerasTensor: Sendable {
    let node: LayerNode
    /// Shape of one sample.
    public var shape: Shape { node.shape }

    /// Applies `layer` to `inputs`.
    ///
    /// - Throws: ``LayerError`` where the shapes do not fit.
    public init(_ layer: any Layer, _ inputs: [KerasTensor]) throws {
        guard !layer.operations.isEmpty else { throw LayerError("\(layer.label) has no operations") }
        let shape = try layer.outputShape(for: inputs.map(\.shape))
        guard shape.rank > 0, shape.dimensions.allSatisfy({ $0 > 0 }) else {
            throw LayerError("\(layer.label): its output would have the shape \(shape)")
        }
        // What a file can keep it under.
        if let name = layer.name, name.isEmpty || name == "." || name.unicodeScalars.contains("\0") {
            throw LayerError("\(type(of: layer).className) cannot have the name \"\(name)\"")
        }
        let shapes = [shape] + layer.weights(for: inputs.map(\.shape)).map(\.shape)
        // A file may ask for anything; what follows multiplies and allocates.
        if let large = shapes.first(where: { !$0.isCountable }) {
            throw LayerError(
                "\(layer.label) is too large: its output or a weight has the shape \(large), more than "
                    + "\(Shape.largestCount) elements")
        }
        node = LayerNode(layer: layer, inputs: inputs.map(\.node), shape: shape)
    }
}

/// Where a model begins: samples of this shape, without the batch axis.
// swift-format-ignore: AlwaysUseLowerCamelCase
public func Input(shape: Shape, name: String? = nil) -> KerasTensor { InputLayer(shape: shape, name: name)([]) }

/// One application of a layer. Identity matters: two layers with equal settings are two layers.
final class LayerNode: Sendable {
    let layer: any Layer
    /// Changed by `deinit` alone.
    nonisolated(unsafe) private(set) var inputs: [LayerNode]
    let shape: Shape
    /// Rises from layer to layer. Only its order is used, to number unnamed layers as they were written down.
    let creation: Int

    private static let created = Atomic<Int>(0)

    init(layer: any Layer, inputs: [LayerNode], shape: Shape) {
        self.layer = layer
        self.inputs = inputs
        self.shape = shape
        creation = Self.created.add(1, ordering: .relaxed).newValue
    }

    /// Node by node: each taking the one before it along would be as many calls deep as the network is.
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
