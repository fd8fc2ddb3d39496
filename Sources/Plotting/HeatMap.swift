import Foundation

/// A matrix as colored cells with their numbers and the names of rows and columns, for example a confusion matrix.
public struct HeatMap: Picture {
    /// The title above the matrix; none if empty.
    public var title: String
    /// What the rows are, for example "truth".
    public var yLabel: String
    /// What the columns are, for example "predicted".
    public var xLabel: String
    /// The names of the rows from top to bottom. Their number is the number of rows.
    public var rowNames: [String]
    /// The names of the columns from left to right. Their number is the number of columns.
    public var columnNames: [String]
    /// The values, `[rows][columns]`. A cell whose value is missing or not finite is gray and has a dash.
    public var values: [[Double]]
    /// The number of decimals of the printed values, 0 to 15.
    public var decimals = 0

    /// The width in points.
    public var width = 800.0
    /// The height in points.
    public var height = 760.0

    /// Creates a map of 800 x 760 points.
    public init(
        title: String, xLabel: String, yLabel: String, rowNames: [String], columnNames: [String], values: [[Double]]
    ) {
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.rowNames = rowNames
        self.columnNames = columnNames
        self.values = values
    }

    /// Draws the map.
    public func draw(on canvas: Canvas) { HeatMapRenderer(map: self, canvas: canvas).draw() }

    /// A color from white to the palette's blue.
    ///
    /// The shade grows with the square root of the value. A good classifier's mistakes are about a hundredth of the
    /// diagonal, and in proportion they would all look white.
    static func color(of value: Double, in range: AxisRange) -> Color {
        let shade = max(0, min(range.fraction(of: value), 1)).squareRoot()
        let full = Palette.color(of: 0)
        func mix(_ component: Double) -> Double { 1 + (component - 1) * shade }
        return Color(red: mix(full.red), green: mix(full.green), blue: mix(full.blue))
    }
}

/// Measures the names, then draws.
struct HeatMapRenderer {
    private let map: HeatMap
    private let canvas: Canvas
    private let style: ChartStyle
    private let range: AxisRange
    private let panel: Rectangle
    private let rowNameSize: Double
    private let columnNameSize: Double
    /// Whether the columns' names are turned, because they are too long to fit side by side.
    private let turnsColumnNames: Bool

    init(map: HeatMap, canvas: Canvas) {
        let style = ChartStyle(width: canvas.width, height: canvas.height)
        let measure = { canvas.width(of: $0, size: $1) }
        (self.map, self.canvas, self.style) = (map, canvas, style)

        let finite = map.values.joined().filter(\.isFinite)
        let low = min(finite.min() ?? 0, 0), high = max(finite.max() ?? 0, 0)
        range = AxisRange(low: max(low, -AxisRange.largest), high: max(min(high, AxisRange.largest), low + 1e-9))

        let titleHeight = map.title.isEmpty ? 0 : style.titleSize * 1.6
        let labelHeight = style.axisLabelSize * 1.5
        // Names take at most a quarter of the picture.
        let size = style.tickLabelSize
        let nameRoom = canvas.width / 4
        let rowNameSize = min(size, canvas.height * 0.4 / Double(max(map.rowNames.count, 1)))
        self.rowNameSize = rowNameSize
        let rowNamesWidth = min(nameRoom, map.rowNames.map { measure($0, rowNameSize) }.max() ?? 0)
        let left =
            style.outerMargin + (map.yLabel.isEmpty ? 0 : labelHeight) + rowNamesWidth + style.gap
        let panelWidth = max(canvas.width - left - style.outerMargin, 1)

        let column = panelWidth / Double(max(map.columnNames.count, 1))
        let widest = map.columnNames.map { measure($0, size) }.max() ?? 0
        turnsColumnNames = widest > column - style.gap
        columnNameSize = turnsColumnNames ? min(size, column * 0.7) : size
        let columnNamesHeight = turnsColumnNames ? min(nameRoom, widest) : size * 1.2
        let top = style.outerMargin + titleHeight
        let bottom =
            canvas.height - style.outerMargin - (map.xLabel.isEmpty ? 0 : labelHeight) - columnNamesHeight - style.gap
        panel = Rectangle(left: left, top: top, width: panelWidth, height: max(bottom - top, 1))
    }

    private func cell(_ row: Int, _ column: Int) -> Rectangle {
        let width = panel.width / Double(max(map.columnNames.count, 1))
        let height = panel.height / Double(max(map.rowNames.count, 1))
        return Rectangle(
            left: panel.left + Double(column) * width, top: panel.top + Double(row) * height, width: width,
            height: height)
    }

    func draw() {
        canvas.drawSheet(title: map.title, style: style)
        canvas.fill(panel, with: ChartStyle.panel)
        drawCells()
        drawNames()
    }

    private func value(_ row: Int, _ column: Int) -> Double? {
        guard map.values.indices.contains(row), map.values[row].indices.contains(column) else { return nil }
        let value = map.values[row][column]
        return value.isFinite ? value : nil
    }

    private func drawCells() {
        let number = { String(format: "%.*f", Int32(max(0, min(map.decimals, 15))), $0 as Double) }
        let numbers = map.rowNames.indices.map { row in
            map.columnNames.indices.map { column in value(row, column).map(number) ?? "–" }
        }
        let first = cell(0, 0)
        let size = canvas.commonSize(
            of: numbers.joined(), size: min(style.tickLabelSize, first.height * 0.6), smallest: 1,
            width: first.width * 0.85)
        for (row, numbers) in numbers.enumerated() {
            for (column, number) in numbers.enumerated() {
                let cell = cell(row, column)
                let color = value(row, column).map { HeatMap.color(of: $0, in: range) } ?? ChartStyle.panel
                canvas.fill(cell.grown(by: -style.gridWidth / 2), with: color)
                canvas.drawLabel(
                    number, in: cell, size: size, smallest: size,
                    color: color.luminance > 0.2 ? ChartStyle.text : ChartStyle.paper)
            }
        }
    }

    private func drawNames() {
        let labelHeight = style.axisLabelSize * 1.5
        let namesLeft = style.outerMargin + (map.yLabel.isEmpty ? 0 : labelHeight)
        for (row, name) in map.rowNames.enumerated() {
            let cell = cell(row, 0)
            let room = Rectangle(
                left: namesLeft, top: cell.top, width: panel.left - style.gap - namesLeft, height: cell.height)
            canvas.drawLabel(
                name, in: room, size: rowNameSize, smallest: min(rowNameSize, style.smallestSize),
                color: ChartStyle.axis, alignment: 1)
        }
        let namesBottom = canvas.height - style.outerMargin - (map.xLabel.isEmpty ? 0 : labelHeight)
        for (column, name) in map.columnNames.enumerated() {
            let cell = cell(0, column)
            let room = Rectangle(
                left: cell.left, top: panel.bottom + style.gap, width: cell.width,
                height: namesBottom - panel.bottom - style.gap)
            // A turned name ends next to its column.
            canvas.drawLabel(
                name, in: room, size: columnNameSize, smallest: min(columnNameSize, style.smallestSize),
                color: ChartStyle.axis, alignment: turnsColumnNames ? 1 : 0.5, upwards: turnsColumnNames)
        }
        canvas.drawLabel(
            map.xLabel,
            in: Rectangle(
                left: panel.left, top: canvas.height - style.outerMargin - style.axisLabelSize, width: panel.width,
                height: style.axisLabelSize),
            size: style.axisLabelSize, smallest: style.smallestSize, color: ChartStyle.axis)
        canvas.drawLabel(
            map.yLabel,
            in: Rectangle(
                left: style.outerMargin, top: panel.top, width: style.axisLabelSize, height: panel.height),
            size: style.axisLabelSize, smallest: style.smallestSize, color: ChartStyle.axis, upwards: true)
    }
}
