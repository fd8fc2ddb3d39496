import NeuralNetwork
import Plotting
import PyImageSearch
import Tensors

/// A section with the units of its branches; of a convolution module, which is a single unit, the layers.
func sectionDiagram(of section: NetworkOutline.Section, title: String = "") throws -> GraphDiagram {
    var nodes = [GraphDiagram.Node(lines: ["previous layer"])]
    var edges: [GraphDiagram.Edge] = []
    func append(_ node: GraphDiagram.Node, after previous: [Int]) -> Int {
        edges += previous.map { .init(from: $0, to: nodes.count) }
        nodes.append(node)
        return nodes.count - 1
    }
    guard let merge = section.merge else {
        var last = 0
        for layer in section.branches.joined().flatMap(\.layers) { last = append(node(for: layer), after: [last]) }
        return try GraphDiagram(nodes: nodes, edges: edges, title: title)
    }
    let ends = section.branches.map { branch in
        branch.reduce(0) { last, unit in append(node(for: unit.main), after: [last]) }
    }
    _ = append(
        .init(
            lines: ["concatenation"], rows: [.init("channels", "\(section.outputShape[2])")],
            color: merge.layer.kind.color), after: ends)
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
    case is BatchNormalization: lines = ["batch normalization"]
    case let activation as Activation: lines = [activation.function == .relu ? "ReLU" : activation.function.kerasName]
    default: break
    }
    return GraphDiagram.Node(lines: lines, rows: rows, color: layer.layer.kind.color)
}

/// A chain of sections, each with the filters of its branches and the size of its output.
func chainDiagram(of sections: some Sequence<NetworkOutline.Section>, title: String) throws -> GraphDiagram {
    let nodes = sections.map { section in
        GraphDiagram.Node(
            lines: [section.heading],
            rows: section.branches.joined().compactMap(filters) + [.init("output", section.outputShape.inWords)],
            color: section.kind.color)
    }
    let edges = nodes.indices.dropFirst().map { GraphDiagram.Edge(from: $0 - 1, to: $0) }
    return try GraphDiagram(nodes: nodes, edges: edges, title: title, direction: .leftToRight)
}

private func filters(of unit: NetworkOutline.Unit) -> GraphDiagram.Node.Row? {
    switch unit.main.layer {
    case let layer as Conv2D: .init(layer.window.kernel.inWords, "\(layer.filters) filters")
    case let layer as MaxPooling2D: .init(layer.window.kernel.inWords, "max pooling")
    case let layer as AveragePooling2D: .init(layer.window.kernel.inWords, "mean")
    case let layer as Dropout: .init("rate", "\(layer.rate)")
    default: nil
    }
}

extension NetworkOutline.Section {
    fileprivate var heading: String {
        switch kind {
        case .convolution: return "convolution"
        case .inception: return "Inception"
        case .downsample: return "downsample"
        case .other: break
        }
        let layers = branches[0][0].layers
        return switch layers[0].layer {
        case is InputLayer: "images"
        case is AveragePooling2D: "average pooling"
        case is Dense: layers.count > 1 ? "dense, softmax" : "dense"
        case let layer: type(of: layer).className.lowercased()
        }
    }
}

extension Shape {
    /// `32x32x3`.
    var inWords: String { dimensions.map(String.init).joined(separator: "x") }
}
