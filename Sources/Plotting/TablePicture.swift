/// A table: a line of headings and rows under it.
public struct TablePicture: Picture {
    /// The headings of the columns. A heading with line breaks has several lines.
    public let headings: [String]
    /// The cells, `[rows][columns]`. Missing cells are empty; cells beyond the headings are left out.
    public let rows: [[String]]
    /// The number of columns, from the left, that hold words and are left-aligned. The others hold numbers and are
    /// right-aligned.
    public let wordColumns: Int
    private let columnWidths: [Double]

    private static let size = 17.0
    private static let lineHeight = 1.35
    private static let padding = 9.0
    private static let margin = 12.0

    /// Creates a table, whose columns are as wide as their widest cell.
    ///
    /// - Throws: ``PlottingError/layoutFailed(reason:)`` if cairo cannot measure text.
    public init(headings: [String], rows: [[String]], wordColumns: Int = 1) throws(PlottingError) {
        self.headings = headings
        self.rows = rows
        self.wordColumns = wordColumns
        columnWidths = try Canvas.measuring { canvas in
            headings.indices.map { column in
                let cells = Self.lines(of: headings[column]) + rows.compactMap { Self.cell(column, of: $0) }
                return (cells.map { canvas.width(of: $0, size: Self.size) }.max() ?? 0) + 2 * Self.padding
            }
        }
    }

    private static func lines(of heading: String) -> [String] {
        heading.split(separator: "\n", omittingEmptySubsequences: false).map { FittedText.oneLine(String($0)) }
    }

    private static func cell(_ column: Int, of row: [String]) -> String? {
        row.indices.contains(column) ? FittedText.oneLine(row[column]) : nil
    }

    private var rowHeight: Double { Self.size * Self.lineHeight + Self.padding }
    private var headHeight: Double {
        let lines = headings.map { Self.lines(of: $0).count }.max() ?? 0
        return Double(lines) * Self.size * Self.lineHeight + Self.padding
    }
    /// The width in points, which follows from the cells.
    public var width: Double { columnWidths.reduce(2 * Self.margin, +) }
    /// The height in points, which follows from the number of rows.
    public var height: Double { 2 * Self.margin + headHeight + Double(rows.count) * rowHeight }

    /// Draws the table.
    public func draw(on canvas: Canvas) {
        canvas.fill(Rectangle(left: 0, top: 0, width: width, height: height), with: ChartStyle.paper)
        let inner = width - 2 * Self.margin
        let head = Rectangle(left: Self.margin, top: Self.margin, width: inner, height: headHeight)
        for index in rows.indices where index.isMultiple(of: 2) {
            let top = head.bottom + Double(index) * rowHeight
            canvas.fill(
                Rectangle(left: Self.margin, top: top, width: inner, height: rowHeight), with: ChartStyle.panel,
                opacity: 0.5)
        }
        var left = Self.margin
        for (column, columnWidth) in columnWidths.enumerated() {
            let holdsWords = column < wordColumns
            let alignment = holdsWords ? 0.0 : 1.0
            let x = holdsWords ? left + Self.padding : left + columnWidth - Self.padding
            func draw(_ text: String, top: Double) {
                canvas.draw(
                    text, at: Point(x: x, y: top + Self.padding / 2 + Self.size), size: Self.size,
                    color: ChartStyle.text, alignment: alignment)
            }
            let lines = Self.lines(of: headings[column])
            for (index, line) in lines.reversed().enumerated() {
                draw(line, top: head.bottom - rowHeight - Double(index) * Self.size * Self.lineHeight)
            }
            for (index, row) in rows.enumerated() {
                if let text = Self.cell(column, of: row) { draw(text, top: head.bottom + Double(index) * rowHeight) }
            }
            left += columnWidth
        }
        for (y, lineWidth) in [(head.top, 2), (head.bottom, 1), (height - Self.margin, 2.0)] {
            canvas.stroke(
                [Point(x: Self.margin, y: y), Point(x: Self.margin + inner, y: y)], with: ChartStyle.text,
                lineWidth: lineWidth)
        }
    }
}
