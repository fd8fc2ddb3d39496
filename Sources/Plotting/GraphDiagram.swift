/// A directed graph as boxes and arrows, in the manner of Keras's `plot_model`.
public struct GraphDiagram: Picture {
    /// A box: a coloured head with lines of text, and under it rows of a label and a value.
    public struct Node: Sendable {
        public struct Row: Sendable {
            public var label: String
            public var value: String

            public init(_ label: String, _ value: String) {
                self.label = label
                self.value = value
            }
        }

        public var lines: [String]
        public var rows: [Row]
        public var color: Color

        public init(lines: [String], rows: [Row] = [], color: Color = Color(hex: 0x888888)) {
            self.lines = lines
            self.rows = rows
            self.color = color
        }
    }

    /// An arrow between two nodes, which are counted from 0.
    public struct Edge: Sendable, Equatable {
        public var from: Int
        public var to: Int

        public init(from: Int, to: Int) {
            self.from = from
            self.to = to
        }
    }

    /// Where the arrows point. Raw values are Graphviz's.
    public enum Direction: String, Sendable {
        case topToBottom = "TB"
        case leftToRight = "LR"
    }

    public let nodes: [Node]
    public let edges: [Edge]
    /// Stands above the graph where it is not empty.
    public let title: String
    let boxes: [GraphBox]
    let layout: GraphLayout
    private let titleWidth: Double

    private static let margin = 12.0
    private static let titleSize = 19.0

    /// - Throws: ``PlottingError/layoutFailed(reason:)`` where an edge has no node, or Graphviz is not all there.
    public init(
        nodes: [Node], edges: [Edge], title: String = "", direction: Direction = .topToBottom
    ) throws(PlottingError) {
        self.nodes = nodes
        self.edges = edges
        let title = FittedText.oneLine(title)
        self.title = title
        let titleSize = Self.titleSize
        (boxes, titleWidth) = try Canvas.measuring { canvas in
            (nodes.map { GraphBox($0, measuredOn: canvas) }, canvas.width(of: title, size: titleSize))
        }
        layout = try GraphLayout(sizes: boxes.map(\.size), edges: edges, direction: direction)
    }

    private var titleHeight: Double { title.isEmpty ? 0 : Self.titleSize * 1.7 }
    public var width: Double { max(layout.size.width, titleWidth) + 2 * Self.margin }
    public var height: Double { layout.size.height + titleHeight + 2 * Self.margin }
    /// A deep network is tall: its image gets no more than 8000 pixels a side.
    public var pixelScale: Double { min(2, 8000 / max(width, height)) }

    /// From the layout's corner to the picture's.
    var origin: Point { Point(x: (width - layout.size.width) / 2, y: Self.margin + titleHeight) }

    public func draw(on canvas: Canvas) {
        canvas.fill(Rectangle(left: 0, top: 0, width: width, height: height), with: ChartStyle.paper)
        if !title.isEmpty {
            let baseline = Point(x: width / 2, y: Self.margin + Self.titleSize)
            canvas.draw(title, at: baseline, size: Self.titleSize, color: ChartStyle.text, alignment: 0.5)
        }
        for route in layout.routes { draw(route, on: canvas) }
        for (box, place) in zip(boxes, layout.boxes) { box.draw(in: place.moved(by: origin), on: canvas) }
    }

    private func draw(_ route: GraphLayout.Route, on canvas: Canvas) {
        let curves = route.curves.map { $0.moved(by: origin) }
        guard let end = curves.last else { return }
        let tip = route.tip.moved(by: origin)
        canvas.strokeCurves(curves, with: ChartStyle.axis, lineWidth: 1.5)
        // Half as wide as long.
        let across = Point(x: (end.y - tip.y) / 2.6, y: (tip.x - end.x) / 2.6)
        let corners = [
            tip, Point(x: end.x + across.x, y: end.y + across.y), Point(x: end.x - across.x, y: end.y - across.y),
        ]
        canvas.fillPolygon(corners, with: ChartStyle.axis)
    }
}

extension Point {
    func moved(by offset: Point) -> Point { Point(x: x + offset.x, y: y + offset.y) }
}

extension Rectangle {
    func moved(by offset: Point) -> Rectangle {
        Rectangle(left: left + offset.x, top: top + offset.y, width: width, height: height)
    }
}
