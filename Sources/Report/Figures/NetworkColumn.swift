import NeuralNetwork
import Plotting
import PyImageSearch

/// A network without branches as a column of boxes, one for each block of convolutions and for each other layer.
struct NetworkColumn {
    /// What a box says of its layers, below their output.
    enum Content {
        /// The number of their parameters.
        case parameters
        /// Their places in `model.layers`, and the number of their parameters that train. Frozen boxes are gray.
        case training
    }

    /// Layers that follow each other, with the place of the first one in `model.layers`.
    private struct Block {
        var first: Int
        var layers: [PlacedLayer]
        var parameterCount: Int { layers.reduce(0) { $0 + $1.parameterCount } }
        var trainableCount: Int { layers.reduce(0) { $0 + ($1.isTrainable ? $1.parameterCount : 0) } }
        var convolutions: [Conv2D] { layers.compactMap { $0.layer as? Conv2D } }
    }

    private let blocks: [Block]

    /// - Parameter model: a chain of layers.
    init(_ model: Model) {
        var blocks: [Block] = []
        for (index, layer) in model.layers.enumerated() {
            // A block is convolutions and the pooling that ends it.
            let isConvolution = { (layer: PlacedLayer?) in layer?.layer is Conv2D }
            let continues =
                isConvolution(blocks.last?.layers.last) && [.convolution, .pooling].contains(layer.layer.kind)
            if continues {
                blocks[blocks.count - 1].layers.append(layer)
            } else {
                blocks.append(Block(first: index, layers: [layer]))
            }
        }
        self.blocks = blocks
    }

    func diagram(title: String, showing content: Content) throws -> GraphDiagram {
        var numberOfBlock = 0
        let nodes = blocks.map { block in
            if !block.convolutions.isEmpty { numberOfBlock += 1 }
            let isFrozen = content == .training && block.trainableCount == 0
            return GraphDiagram.Node(
                lines: [Self.heading(of: block, number: numberOfBlock)], rows: Self.rows(of: block, content),
                color: isFrozen ? LayerKind.other.color : block.layers[0].layer.kind.color)
        }
        let edges = nodes.indices.dropFirst().map { GraphDiagram.Edge(from: $0 - 1, to: $0) }
        return try GraphDiagram(nodes: nodes, edges: edges, title: title)
    }

    private static func heading(of block: Block, number: Int) -> String {
        guard block.convolutions.isEmpty else { return "block \(number)" }
        let layer = block.layers[0].layer
        let activation = (layer as? Dense)?.activation.kerasName
        let words = [
            layer is InputLayer ? "images" : type(of: layer).className.lowercased(), layer.settings, activation,
        ]
        return words.compactMap { $0 }.joined(separator: ", ")
    }

    private static func rows(of block: Block, _ content: Content) -> [GraphDiagram.Node.Row] {
        var rows: [GraphDiagram.Node.Row] = []
        if let convolution = block.convolutions.first {
            rows.append(
                .init(
                    "layers",
                    "\(block.convolutions.count) Conv2D \(convolution.window.kernel.inWords), max pooling"))
        }
        if let shape = block.layers.last?.outputShape { rows.append(.init("output", shape.inWords)) }
        switch content {
        case .parameters where block.parameterCount > 0:
            rows.append(.init("parameters", Model.grouped(block.parameterCount)))
        case .training:
            let last = block.first + block.layers.count - 1
            rows.append(.init("places", block.first == last ? "\(last)" : "\(block.first) to \(last)"))
            if block.parameterCount > 0 {
                rows.append(
                    .init("trains", "\(Model.grouped(block.trainableCount)) of \(Model.grouped(block.parameterCount))"))
            }
        case .parameters: break
        }
        return rows
    }
}
