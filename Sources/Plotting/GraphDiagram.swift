/// A directed graph as boxes and arrows, in the style of Keras's `plot_model`.
public struct GraphDiagram: Picture {
    /// A box: a colored head with lines of text, and under it rows of a label and a value.
    public struct Node: Sendable {
        /// A row under the head of a box.
        public struct Row: Sendable {
            /// The label, in the left column.
            public var label: String
            /// The value, in the right column.
            public var value: String

            /// Creates a row.
            public init(_ label: String, _ value: String) {
                self.label = label
                self.value = value
            }
        }

        /// The lines of the head.
        public var lines: [String]
        /// The rows under the head.
        public var rows: [Row]
        /// The color of the border; the head has a lighter shade of it.
        public var color: Color

        /// Creates a box, gray by default.
        public init(lines: [String], rows: [Row] = [], color: Color = Color(hex: 0x888888)) {
            self.lines = lines
            self.rows = rows
            self.color = color
        }
    }

    /// An arrow between two nodes, given by their indices.
    public struct Edge: Sendable, Equatable {
        /// The index of the node where the arrow starts, from 0.
        public var from: Int
        /// The index of the node where the arrow ends, from 0.
        public var to: Int

        /// Creates an arrow.
        public init(from: Int, to: Int) {
            self.from = from
            self.to = to
        }
    }

    /// The direction of the arrows. The raw values are Graphviz's `rankdir`.
    public enum Direction: String, Sendable {
        /// Inputs at the top, as in Keras's `plot_model`.
        case topToBottom = "TB"
        /// Inputs at the left.
        case leftToRight = "LR"
    }

    /// The boxes.
    public let nodes: [Node]
    /// The arrows.
    public let edges: [Edge]
    /// The frames.
    public let frames: [Frame]
    /// The title above the graph; none if empty.
    public let title: String
    let boxes: [GraphBox]
    let layout: GraphLayout
    private let titleWidth: Double
    /// The frames' places in the layout; outer ones come first.
    let placedFrames: [(label: String, place: Rectangle)]
    /// The layout with its frames.
    private let contents: Rectangle

    private static let margin = 12.0
    private static let titleSize = 19.0

    /// Lays out the graph with Graphviz's `dot`.
    ///
    /// - Throws: ``PlottingError/layoutFailed(reason:)`` if an edge or a frame refers to a node that does not exist, or
    ///   if a part of Graphviz is not installed.
    public init(
        nodes: [Node], edges: [Edge], frames: [Frame] = [], title: String = "", direction: Direction = .topToBottom
    ) throws(PlottingError) {
        self.nodes = nodes
        self.edges = edges
        self.frames = frames
        let title = FittedText.oneLine(title)
        self.title = title
        let titleSize = Self.titleSize
        (boxes, titleWidth) = try Canvas.measuring { canvas in
            (nodes.map { GraphBox($0, measuredOn: canvas) }, canvas.width(of: title, size: titleSize))
        }
        let layout = try GraphLayout(sizes: boxes.map(\.size), edges: edges, frames: frames, direction: direction)
        self.layout = layout
        placedFrames = frames.flatMap { $0.placed(around: layout.boxes) }
        let size = Rectangle(left: 0, top: 0, width: layout.size.width, height: layout.size.height)
        contents = placedFrames.map(\.place).reduce(size) { $0.union($1) }
    }

    private var titleHeight: Double { title.isEmpty ? 0 : Self.titleSize * 1.7 }
    /// The width in points, which follows from the layout.
    public var width: Double { max(contents.width, titleWidth) + 2 * Self.margin }
    /// The height in points, which follows from the layout.
    public var height: Double { contents.height + titleHeight + 2 * Self.margin }
    /// Pixels per point of a PNG file: 2, or less for a deep network, whose image has at most 8000 pixels a side.
    public var pixelScale: Double { min(2, 8000 / max(width, height)) }

    /// The top left corner of the layout in the picture.
    var origin: Point {
        Point(x: (width - contents.width) / 2 - contents.left, y: Self.margin + titleHeight - contents.top)
    }

    /// Draws the diagram.
    public func draw(on canvas: Canvas) {
        canvas.fill(Rectangle(left: 0, top: 0, width: width, height: height), with: ChartStyle.paper)
        if !title.isEmpty {
            let baseline = Point(x: width / 2, y: Self.margin + Self.titleSize)
            canvas.draw(title, at: baseline, size: Self.titleSize, color: ChartStyle.text, alignment: 0.5)
        }
        for (label, place) in placedFrames { Frame.draw(label, in: place.moved(by: origin), on: canvas) }
        for route in layout.routes { draw(route, on: canvas) }
        for (box, place) in zip(boxes, layout.boxes) { box.draw(in: place.moved(by: origin), on: canvas) }
    }

    private func draw(_ route: GraphLayout.Route, on canvas: Canvas) {
        let curves = route.curves.map { $0.moved(by: origin) }
        guard let end = curves.last else { return }
        let tip = route.tip.moved(by: origin)
        canvas.strokeCurves(curves, with: ChartStyle.axis, lineWidth: 1.5)
        // The head's base is 1/1.3 as wide as the head is long.
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
