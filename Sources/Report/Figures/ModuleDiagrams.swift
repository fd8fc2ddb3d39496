import NeuralNetwork
import Plotting
import PyImageSearch
import Tensors

/// What a module consists of, with its connections. A unit in it is one box; of a unit, the layers are drawn.
func moduleDiagram(of module: NetworkOutline.Part, title: String = "") throws -> GraphDiagram {
    var nodes: [GraphDiagram.Node] = []
    // What is outside comes first, once for each layer there.
    var outside: [String: Int] = [:]
    for case .outside(let name) in module.parts.flatMap(\.inputs) where outside[name] == nil {
        outside[name] = outside.count
    }
    for (name, _) in outside.sorted(by: { $0.value < $1.value }) {
        nodes.append(.init(lines: [outside.count == 1 ? "previous layer" : name]))
    }
    let edges = module.parts.enumerated().flatMap { position, part in
        part.inputs.map { source in
            switch source {
            case .part(let other): GraphDiagram.Edge(from: outside.count + other, to: outside.count + position)
            case .outside(let name): GraphDiagram.Edge(from: outside[name] ?? 0, to: outside.count + position)
            }
        }
    }
    nodes += module.parts.map { part in
        part.module.map(\.kind.isUnit) == false ? box(for: part) : node(for: part.main)
    }
    return try GraphDiagram(nodes: nodes, edges: edges, title: title)
}

private func node(for layer: PlacedLayer) -> GraphDiagram.Node {
    var lines = [layer.className]
    var rows: [GraphDiagram.Node.Row] = []
    switch layer.layer {
    case let convolution as Conv2D:
        lines = ["\(convolution.window.kernel.inWords) convolutions"]
        rows.append(.init("filters", "\(convolution.filters)"))
        if convolution.window.strides.area > 1 { rows.append(.init("strides", convolution.window.strides.inWords)) }
    case let pooling as MaxPooling2D:
        lines = ["\(pooling.window.kernel.inWords) max pooling"]
        rows.append(.init("strides", pooling.window.strides.inWords))
    case let pooling as AveragePooling2D:
        lines = ["\(pooling.window.kernel.inWords) average pooling"]
        rows.append(.init("strides", pooling.window.strides.inWords))
    case is BatchNormalization: lines = ["batch normalization"]
    case let activation as Activation: lines = [activation.function == .relu ? "ReLU" : activation.function.kerasName]
    case is Concatenate, is Add:
        lines = [layer.layer is Add ? "addition" : "concatenation"]
        if let channels = layer.outputShape.dimensions.last { rows.append(.init("channels", "\(channels)")) }
    case let sum as CustomScaleLayer:
        lines = ["scaled addition"]
        rows.append(.init("scale", "\(sum.scale)"))
        if let channels = layer.outputShape.dimensions.last { rows.append(.init("channels", "\(channels)")) }
    default: break
    }
    return GraphDiagram.Node(lines: lines, rows: rows, color: layer.layer.kind.color)
}

/// Parts of a network, one box each, with their connections.
func networkDiagram(of parts: ArraySlice<NetworkOutline.Part>, title: String) throws -> GraphDiagram {
    let edges = parts.indices.flatMap { position in
        parts[position].inputs.compactMap { source -> GraphDiagram.Edge? in
            guard case .part(let other) = source, parts.indices.contains(other) else { return nil }
            return GraphDiagram.Edge(from: other - parts.startIndex, to: position - parts.startIndex)
        }
    }
    return try GraphDiagram(nodes: parts.map(box), edges: edges, title: title, direction: .leftToRight)
}

/// A part of a network with the filters of its units and the size of its output.
private func box(for part: NetworkOutline.Part) -> GraphDiagram.Node {
    GraphDiagram.Node(
        lines: [part.heading], rows: part.units.compactMap(filters) + [.init("output", part.outputShape.inWords)],
        color: part.color)
}

private func filters(of unit: NetworkOutline.Part) -> GraphDiagram.Node.Row? {
    switch unit.main.layer {
    case let layer as Conv2D: .init(layer.window.kernel.inWords, "\(layer.filters) filters")
    case let layer as MaxPooling2D: .init(layer.window.kernel.inWords, "max pooling")
    case let layer as AveragePooling2D: .init(layer.window.kernel.inWords, "mean")
    case let layer as Dropout: .init("rate", "\(layer.rate)")
    default: nil
    }
}

extension NetworkOutline.Part {
    /// The units and single layers in it.
    fileprivate var units: [Self] { parts.isEmpty || module?.kind.isUnit == true ? [self] : parts.flatMap(\.units) }

    fileprivate var heading: String {
        if let module, !module.kind.isUnit || module.kind == .convolution { return module.kind.name }
        let functions = layers.dropFirst().compactMap { ($0.layer as? Activation)?.function.kerasName }
        return switch main.layer {
        case is InputLayer: "images"
        case is Conv2D: "convolution"
        case is AveragePooling2D: "average pooling"
        case is Dense: (["dense"] + functions).joined(separator: ", ")
        case let layer: type(of: layer).className.lowercased()
        }
    }
}

extension Shape {
    /// `32x32x3`.
    var inWords: String { dimensions.map(String.init).joined(separator: "x") }
}
