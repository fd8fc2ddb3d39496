/// The text of a ``GraphDiagram/Node`` with the size of its box and the places of the text inside.
struct GraphBox {
    let lines: [FittedText]
    let labels: [FittedText]
    let values: [FittedText]
    let size: GraphLayout.Size
    private let color: Color
    /// The distance of the values from the box's left edge.
    private let valueOffset: Double

    private static let headSize = 16.0
    private static let rowSize = 14.0
    /// The distance from line to line, in units of the type size.
    private static let lineHeight = 1.35
    private static let padding = 8.0
    /// The width at which a line is shrunk, then cut.
    static let widest = 420.0

    private static func headHeight(lines: Int) -> Double { Double(lines) * headSize * lineHeight + padding }
    private var headHeight: Double { Self.headHeight(lines: lines.count) }

    init(_ node: GraphDiagram.Node, measuredOn canvas: Canvas) {
        func fitted(_ text: String, _ size: Double, _ width: Double) -> FittedText {
            FittedText(text, size: size, smallest: 11, width: width, measure: canvas.width)
        }
        func widest(_ texts: [FittedText]) -> Double {
            texts.map { canvas.width(of: $0.text, size: $0.size) }.max() ?? 0
        }
        color = node.color
        lines = node.lines.map { fitted($0, Self.headSize, Self.widest) }
        labels = node.rows.map { fitted($0.label, Self.rowSize, Self.widest / 3) }
        values = node.rows.map { fitted($0.value, Self.rowSize, Self.widest / 2) }
        valueOffset = 2 * Self.padding + widest(labels)
        let rows = node.rows.isEmpty ? 0 : valueOffset + widest(values) + Self.padding
        let head = Self.headHeight(lines: node.lines.count)
        let body = node.rows.isEmpty ? 0 : Double(node.rows.count) * Self.rowSize * Self.lineHeight + Self.padding
        size = GraphLayout.Size(width: max(widest(lines) + 2 * Self.padding, rows, 40), height: head + body)
    }

    /// A piece of text in its place. `start` is on the baseline: `alignment` 0 is the text's start, 0.5 its middle.
    struct PlacedText {
        var text: FittedText
        var start: Point
        var alignment = 0.0
        var color = ChartStyle.text
    }

    func texts(in box: Rectangle) -> [PlacedText] {
        var texts: [PlacedText] = []
        var baseline = box.top + Self.padding / 2 + Self.headSize
        for line in lines {
            let middle = Point(x: box.left + box.width / 2, y: baseline)
            texts.append(PlacedText(text: line, start: middle, alignment: 0.5))
            baseline += Self.headSize * Self.lineHeight
        }
        baseline = box.top + headHeight + Self.padding / 2 + Self.rowSize
        for (label, value) in zip(labels, values) {
            let start = Point(x: box.left + Self.padding, y: baseline)
            texts.append(PlacedText(text: label, start: start, color: ChartStyle.axis))
            texts.append(PlacedText(text: value, start: Point(x: box.left + valueOffset, y: baseline)))
            baseline += Self.rowSize * Self.lineHeight
        }
        return texts
    }

    func draw(in box: Rectangle, on canvas: Canvas) {
        canvas.fill(box, with: ChartStyle.paper)
        let head = Rectangle(left: box.left, top: box.top, width: box.width, height: headHeight)
        canvas.fill(head, with: color, opacity: 0.3)
        for placed in texts(in: box) {
            canvas.draw(
                placed.text.text, at: placed.start, size: placed.text.size, color: placed.color,
                alignment: placed.alignment)
        }
        canvas.outline(box, with: color, lineWidth: 1.5)
    }
}
