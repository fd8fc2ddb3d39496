import CGraphviz
import Foundation
import Synchronization

/// The places of a directed graph's boxes and arrows, computed by Graphviz's `dot`, in points from the top left.
struct GraphLayout: Equatable {
    struct Size: Equatable {
        var width: Double
        var height: Double
    }

    /// An arrow from the border of one box to that of another.
    struct Route: Equatable {
        /// The start, then two control points and an end for each Bézier curve.
        var curves: [Point] = []
        /// The tip of the arrow's head, which begins at the end of the curves.
        var tip = Point(x: 0, y: 0)
    }

    private(set) var size = Size(width: 0, height: 0)
    /// One for each node.
    private(set) var boxes: [Rectangle] = []
    /// One for each edge.
    private(set) var routes: [Route] = []

    /// - Parameters:
    ///   - sizes: the size of each node's box.
    ///   - frames: around boxes that should not have others between them.
    /// - Throws: `PlottingError.layoutFailed` if an edge or a frame refers to a node that does not exist, or if
    ///   Graphviz fails.
    init(
        sizes: [Size], edges: [GraphDiagram.Edge], frames: [GraphDiagram.Frame] = [],
        direction: GraphDiagram.Direction
    ) throws(PlottingError) {
        for edge in edges where !sizes.indices.contains(edge.from) || !sizes.indices.contains(edge.to) {
            throw .layoutFailed(
                reason: "an edge goes from node \(edge.from) to node \(edge.to), "
                    + "but there are \(sizes.count) nodes, counted from 0")
        }
        if let stray = frames.flatMap(\.allNodes).first(where: { !sizes.indices.contains($0) }) {
            throw .layoutFailed(
                reason: "a frame is around node \(stray), but there are \(sizes.count) nodes, counted from 0")
        }
        // Graphviz cannot lay out an empty graph.
        guard !sizes.isEmpty else { return }
        self = try Graphviz.context.withLock { context throws(PlottingError) in
            let layout = try GraphLayout(dot: context, sizes: sizes, edges: edges, clusters: [], direction: direction)
            // In clusters Graphviz loses the order of branches. Often they are not needed.
            guard !frames.areClear(around: layout.boxes) else { return layout }
            return try GraphLayout(dot: context, sizes: sizes, edges: edges, clusters: frames, direction: direction)
        }
    }

    private init(
        dot context: OpaquePointer?, sizes: [Size], edges: [GraphDiagram.Edge], clusters: [GraphDiagram.Frame],
        direction: GraphDiagram.Direction
    ) throws(PlottingError) {
        guard let context, let graph = CGraphviz_open_directed() else { throw Graphviz.failure() }
        defer { agclose(graph) }
        CGraphviz_set_default(graph, AGRAPH, "rankdir", direction.rawValue)
        // Branches are in the order in which they are joined.
        CGraphviz_set_default(graph, AGRAPH, "ordering", "in")
        CGraphviz_set_default(graph, AGRAPH, "nodesep", "0.35")
        CGraphviz_set_default(graph, AGRAPH, "ranksep", "0.4")
        // The boxes have the given sizes; Graphviz does not see their text.
        CGraphviz_set_default(graph, AGNODE, "label", "")
        CGraphviz_set_default(graph, AGNODE, "shape", "box")
        CGraphviz_set_default(graph, AGNODE, "fixedsize", "true")

        var nodes: [UnsafeMutablePointer<Agnode_t>] = []
        for size in sizes {
            // Unnamed, so that no text is parsed as Graphviz's language.
            guard let node = agnode(graph, nil, 1) else { throw Graphviz.failure() }
            CGraphviz_set(node, "width", Graphviz.inches(size.width))
            CGraphviz_set(node, "height", Graphviz.inches(size.height))
            nodes.append(node)
        }
        func add(_ clusters: [GraphDiagram.Frame], to graph: UnsafeMutablePointer<Agraph_t>) throws(PlottingError) {
            for cluster in clusters {
                guard let subgraph = CGraphviz_open_cluster(graph) else { throw Graphviz.failure() }
                CGraphviz_set(subgraph, "margin", String(2 * GraphDiagram.Frame.margin))
                for node in cluster.nodes { agsubnode(subgraph, nodes[node], 1) }
                try add(cluster.frames, to: subgraph)
            }
        }
        try add(clusters, to: graph)
        var arrows: [UnsafeMutablePointer<Agedge_t>] = []
        let leaving = Dictionary(grouping: edges, by: \.from), arriving = Dictionary(grouping: edges, by: \.to)
        for edge in edges {
            guard let arrow = agedge(graph, nodes[edge.from], nodes[edge.to], nil, 1) else { throw Graphviz.failure() }
            // Keep an unbranched chain short and straight; let forks and joins bend.
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
    /// One context under a lock: the library has global state, and a new context would load its plugins again.
    static let context: Mutex<OpaquePointer?> = {
        agseterr(AGMAX)  // Kept for `failure`, not printed.
        return Mutex(gvContext())
    }()

    static func inches(_ points: Double) -> String { String(points / 72) }

    /// The error with Graphviz's own message, on one line.
    static func failure() -> PlottingError {
        var reason = "Graphviz failed"
        if let message = aglasterr() {
            defer { free(message) }
            let words = String(cString: message).split(whereSeparator: \.isWhitespace)
            reason += ": " + words.joined(separator: " ")
        }
        return .layoutFailed(reason: reason + " (are its dot plugin and the plugins' configuration installed?)")
    }
}
