import CGraphviz
import Foundation
import Synchronization

/// Where the boxes and arrows of a directed graph go: as Graphviz's `dot` places them, in points from the top left.
struct GraphLayout: Equatable {
    struct Size: Equatable {
        var width: Double
        var height: Double
    }

    /// An arrow from the border of one box to that of another.
    struct Route: Equatable {
        /// A start, then two control points and an end for each Bézier curve.
        var curves: [Point] = []
        /// Where the arrow's head ends; it begins where the curves end.
        var tip = Point(x: 0, y: 0)
    }

    private(set) var size = Size(width: 0, height: 0)
    /// One for each node.
    private(set) var boxes: [Rectangle] = []
    /// One for each edge.
    private(set) var routes: [Route] = []

    /// - Parameter sizes: how large the box of each node is.
    init(
        sizes: [Size], edges: [GraphDiagram.Edge], direction: GraphDiagram.Direction
    ) throws(PlottingError) {
        for edge in edges where !sizes.indices.contains(edge.from) || !sizes.indices.contains(edge.to) {
            throw .layoutFailed(
                reason: "an edge goes from node \(edge.from) to node \(edge.to) of \(sizes.count), counted from 0")
        }
        // Graphviz has no layout of nothing.
        guard !sizes.isEmpty else { return }
        self = try Graphviz.context.withLock { context throws(PlottingError) in
            try GraphLayout(dot: context, sizes: sizes, edges: edges, direction: direction)
        }
    }

    private init(
        dot context: OpaquePointer?, sizes: [Size], edges: [GraphDiagram.Edge], direction: GraphDiagram.Direction
    ) throws(PlottingError) {
        guard let context, let graph = CGraphviz_open_directed() else { throw Graphviz.failure() }
        defer { agclose(graph) }
        CGraphviz_set_default(graph, AGRAPH, "rankdir", direction.rawValue)
        // Branches stand in the order in which they come together.
        CGraphviz_set_default(graph, AGRAPH, "ordering", "in")
        CGraphviz_set_default(graph, AGRAPH, "nodesep", "0.35")
        CGraphviz_set_default(graph, AGRAPH, "ranksep", "0.4")
        // The text stands in the boxes that are asked for; Graphviz gets to know nothing of it.
        CGraphviz_set_default(graph, AGNODE, "label", "")
        CGraphviz_set_default(graph, AGNODE, "shape", "box")
        CGraphviz_set_default(graph, AGNODE, "fixedsize", "true")

        var nodes: [UnsafeMutablePointer<Agnode_t>] = []
        for size in sizes {
            // Without names no text can be taken for Graphviz's language.
            guard let node = agnode(graph, nil, 1) else { throw Graphviz.failure() }
            CGraphviz_set(node, "width", Graphviz.inches(size.width))
            CGraphviz_set(node, "height", Graphviz.inches(size.height))
            nodes.append(node)
        }
        var arrows: [UnsafeMutablePointer<Agedge_t>] = []
        let leaving = Dictionary(grouping: edges, by: \.from), arriving = Dictionary(grouping: edges, by: \.to)
        for edge in edges {
            guard let arrow = agedge(graph, nodes[edge.from], nodes[edge.to], nil, 1) else { throw Graphviz.failure() }
            // What follows alone stands close by, in a straight line; forks and joins bend.
            let isAlone = leaving[edge.from]?.count == 1 && arriving[edge.to]?.count == 1
            CGraphviz_set(arrow, "weight", isAlone ? "20" : "1")
            arrows.append(arrow)
        }
        guard gvLayout(context, graph, "dot") == 0 else { throw Graphviz.failure() }
        defer { gvFreeLayout(context, graph) }

        // Graphviz's y grows upwards.
        let bounds = CGraphviz_bounds(graph)
        func point(_ point: pointf) -> Point { Point(x: point.x - bounds.LL.x, y: bounds.UR.y - point.y) }
        size = Size(width: bounds.UR.x - bounds.LL.x, height: bounds.UR.y - bounds.LL.y)
        boxes = zip(nodes, sizes).map { node, size in
            let center = point(CGraphviz_center(node))
            return Rectangle(
                left: center.x - size.width / 2, top: center.y - size.height / 2, width: size.width,
                height: size.height)
        }
        routes = arrows.map { arrow in
            var route = Route()
            guard let splines = CGraphviz_splines(arrow)?.pointee, let pieces = splines.list else { return route }
            for piece in UnsafeBufferPointer(start: pieces, count: Int(splines.size)) {
                let points = UnsafeBufferPointer(start: piece.list, count: Int(piece.size)).map(point)
                route.curves += route.curves.isEmpty ? points : Array(points.dropFirst())
                route.tip = piece.eflag != 0 ? point(piece.ep) : points.last ?? route.tip
            }
            return route
        }
    }
}

private enum Graphviz {
    /// The library has one thread's worth of global state, and reads its plugins anew for every context.
    static let context: Mutex<OpaquePointer?> = {
        agseterr(AGMAX)  // Kept for `failure`, not printed.
        return Mutex(gvContext())
    }()

    static func inches(_ points: Double) -> String { String(points / 72) }

    /// In its own words, on one line.
    static func failure() -> PlottingError {
        var reason = "Graphviz gave up"
        if let message = aglasterr() {
            defer { free(message) }
            let words = String(cString: message).split(whereSeparator: \.isWhitespace)
            reason += ": " + words.joined(separator: " ")
        }
        return .layoutFailed(reason: reason + " (are its dot plugin and the plugins' configuration installed?)")
    }
}
