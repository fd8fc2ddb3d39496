import NeuralNetwork
import Plotting
import Tensors

/// Draws a model's graph, as Keras's `plot_model`: every layer, inputs included, and its connections.
///
/// - Parameters:
///   - model: the model to draw.
///   - showShapes: adds the shapes of inputs and outputs, with `None` for the batch.
///   - showLayerNames: adds names above the layers' classes.
///   - showModules: draws a frame around each module that the network names, as Keras's `expand_nested` does around
///     nested models. Units, such as a convolution with its normalization and activation, have none.
///   - showSettings: adds filters, window, strides, padding, units, rate or function.
///   - direction: from top to bottom, or from left to right.
///   - first: the name of the first layer to draw, in the order of `model.layers`; by default the first of all. Keras's
///     `layer_range`.
///   - last: the name of the last layer to draw; by default the last of all.
///   - title: above the graph.
/// - Throws: ``PlotModelError`` if there are no such layers; `PlottingError` if Graphviz is not completely installed.
public func plotModel(
    _ model: Model, showShapes: Bool = false, showLayerNames: Bool = false, showModules: Bool = false,
    showSettings: Bool = false, direction: GraphDiagram.Direction = .topToBottom, from first: String? = nil,
    to last: String? = nil,
    title: String = ""
) throws -> GraphDiagram {
    let layers = try model.layers(from: first, to: last)
    let positions = Dictionary(uniqueKeysWithValues: layers.enumerated().map { ($1.name, $0) })
    let shapes = Dictionary(uniqueKeysWithValues: model.layers.map { ($0.name, $0.outputShape) })

    let nodes = layers.map { layer in
        var lines = showLayerNames ? [layer.name, layer.className] : [layer.className]
        if showSettings, let settings = layer.layer.settings { lines.append(settings) }
        var rows: [GraphDiagram.Node.Row] = []
        if showShapes {
            for (index, shape) in layer.inbound.compactMap({ shapes[$0] }).enumerated() {
                rows.append(.init(index == 0 ? "input" : "", shape.withOpenBatch))
            }
            rows.append(.init("output", layer.outputShape.withOpenBatch))
        }
        return GraphDiagram.Node(lines: lines, rows: rows, color: layer.layer.kind.color)
    }
    let edges = layers.enumerated().flatMap { to, layer in
        layer.inbound.compactMap { positions[$0] }.map { GraphDiagram.Edge(from: $0, to: to) }
    }
    let frames = showModules ? NetworkOutline(model).parts.flatMap { $0.frames(positions) } : []
    return try GraphDiagram(nodes: nodes, edges: edges, frames: frames, title: title, direction: direction)
}

extension NetworkOutline.Part {
    /// The frames of the modules in the part, itself included, around the layers that have positions.
    fileprivate func frames(_ positions: [String: Int]) -> [GraphDiagram.Frame] {
        let inner = parts.flatMap { $0.frames(positions) }
        guard let module, !module.kind.isUnit else { return inner }
        let framed = Set(inner.flatMap(\.allNodes))
        let nodes = layers.compactMap { positions[$0.name] }.filter { !framed.contains($0) }
        return nodes.isEmpty && inner.isEmpty
            ? [] : [GraphDiagram.Frame("\(module.name) (\(module.kind))", nodes: nodes, frames: inner)]
    }
}

/// A range of layers that the model does not have.
public struct PlotModelError: Error, Equatable, CustomStringConvertible {
    /// One line that names the model and the layer.
    public let description: String
}

extension Model {
    fileprivate func layers(from first: String?, to last: String?) throws(PlotModelError) -> ArraySlice<PlacedLayer> {
        func position(_ name: String?) throws(PlotModelError) -> Int? {
            guard let name else { return nil }
            guard let position = layers.firstIndex(where: { $0.name == name }) else {
                throw PlotModelError(description: "the model \"\(self.name)\" has no layer \"\(name)\"")
            }
            return position
        }
        let start = try position(first) ?? 0, end = try position(last) ?? layers.count - 1
        guard start <= end else {
            throw PlotModelError(
                description: "the layer \"\(layers[end].name)\" comes before \"\(layers[start].name)\" in the model")
        }
        return layers[start...end]
    }
}
