/// The text of a ``GraphDiagram/Node`` with its measures: how large a box it needs, and how it stands there.
struct GraphBox {
    let lines: [FittedText]
    let labels: [FittedText]
    let values: [FittedText]
    let size: GraphLayout.Size
    private let color: Color
    /// Where values begin, from the left.
    private let valueOffset: Double

    private static let headSize = 16.0
    private static let rowSize = 14.0
    /// From one line to the next, in units of the type's size.
    private static let lineHeight = 1.35
    private static let padding = 8.0
    /// A longer line is shrunk, then cut.
    static let widest = 420.0

    private var headHeight: Double { Double(lines.count) * Self.headSize * Self.lineHeight + Self.padding }

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
        let head = Double(node.lines.count) * Self.headSize * Self.lineHeight + Self.padding
        let body = Double(node.rows.count) * Self.rowSize * Self.lineHeight + (node.rows.isEmpty ? 0 : Self.padding)
        size = GraphLayout.Size(width: max(widest(lines) + 2 * Self.padding, rows, 40), height: head + body)
    }

    func draw(in box: Rectangle, on canvas: Canvas) {
        canvas.fill(box, with: ChartStyle.paper)
        let head = Rectangle(left: box.left, top: box.top, width: box.width, height: headHeight)
        canvas.fill(head, with: color, opacity: 0.3)
        var top = box.top + Self.padding / 2
        for line in lines {
            let baseline = top + Self.headSize
            canvas.draw(
                line.text, at: Point(x: box.left + box.width / 2, y: baseline), size: line.size,
                color: ChartStyle.text, alignment: 0.5)
            top += Self.headSize * Self.lineHeight
        }
        top = head.bottom + Self.padding / 2
        for (label, value) in zip(labels, values) {
            let baseline = top + Self.rowSize
            canvas.draw(
                label.text, at: Point(x: box.left + Self.padding, y: baseline), size: label.size,
                color: ChartStyle.axis)
            canvas.draw(
                value.text, at: Point(x: box.left + valueOffset, y: baseline), size: value.size,
                color: ChartStyle.text)
            top += Self.rowSize * Self.lineHeight
        }
        canvas.outline(box, with: color, lineWidth: 1.5)
    }
}
