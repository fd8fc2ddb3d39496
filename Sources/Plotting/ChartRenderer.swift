/// Draws a chart: measures the room that the labels leave for the panel, then draws from back to front.
struct ChartRenderer {
    let chart: LineChart
    let canvas: Canvas
    let style: ChartStyle

    private let pieces: [[[Point]]]
    /// The lines whose values are finite, from left to right.
    private let verticalLines: [LineChart.VerticalLine]
    /// The height of the labels of vertical lines, above the panel.
    private let lineLabelHeight: Double
    let xRange: AxisRange
    private let yRange: AxisRange
    private let xTicks: Ticks
    private let yTicks: Ticks
    let panel: Rectangle
    /// The legend below the panel; nil if the legend is inside the panel.
    private let legendRows: LegendRows?
    private let title: FittedText
    private let xLabel: FittedText
    private let yLabel: FittedText

    init(chart: LineChart, canvas: Canvas) {
        let style = ChartStyle(width: canvas.width, height: canvas.height, textScale: chart.textScale)
        let measure = { canvas.width(of: $0, size: $1) }
        func height(_ size: Double) -> Double {
            let extents = canvas.lineExtents(size: size)
            return extents.ascent + extents.descent
        }
        self.chart = chart
        self.canvas = canvas
        self.style = style

        let pieces = chart.series.map(\.pieces)
        let points = pieces.joined().joined()
        // Whole x values count epochs. There is no epoch 2.5, so it gets no tick.
        let dataX = points.map(\.x) + chart.otherX
        let countsEpochs = dataX.allSatisfy { $0 == $0.rounded() }
        verticalLines = chart.verticalLines.filter(\.x.isFinite).sorted { $0.x < $1.x }
        let xValues = dataX + verticalLines.map(\.x) + Self.ends(of: chart.xRange)
        let yValues = points.map(\.y) + chart.references.map(\.y) + Self.ends(of: chart.yRange)
        xRange = .showing(xValues, wholeNumbers: countsEpochs)
        yRange = .showing(yValues)
        self.pieces = pieces

        // Height first: the room above and below the panel does not depend on the numbers.
        let titleHeight = chart.title.isEmpty ? 0 : height(style.titleSize) + style.gap
        let tickLabelHeight = height(style.tickLabelSize)
        lineLabelHeight = verticalLines.allSatisfy(\.label.isEmpty) ? 0 : tickLabelHeight
        let xLabelHeight = chart.xLabel.isEmpty ? 0 : height(style.axisLabelSize) + style.gap
        let xAxisHeight = chart.hasXNumbers ? xLabelHeight + tickLabelHeight + style.tickLength + style.gap / 2 : 0
        let top = style.outerMargin + max(titleHeight + lineLabelHeight, tickLabelHeight / 2)
        legendRows =
            chart.hasLegendBelow
            ? LegendRows(
                labels: Self.labels(of: chart), style: style, width: canvas.width - 2 * style.outerMargin,
                measure: measure) : nil
        let legendHeight = legendRows?.height ?? 0
        let bottom = canvas.height - style.outerMargin - legendHeight - xAxisHeight
        let panelHeight = max(bottom - top, 1)

        // Then the widest number on the y axis decides where the panel begins.
        yTicks = Ticks(
            in: yRange, maximumIntervals: min(9, max(1, Int(panelHeight / (tickLabelHeight * 2)))))
        let yNumbersWidth = yTicks.labels.map { measure($0, style.tickLabelSize) }.max() ?? 0
        let yLabelWidth = chart.yLabel.isEmpty ? 0 : height(style.axisLabelSize) + style.gap
        let left = max(
            chart.leftMargin, style.outerMargin + yLabelWidth + yNumbersWidth + style.gap / 2 + style.tickLength)
        let right = canvas.width - style.outerMargin - style.gap
        let panelWidth = max(right - left, 1)
        panel = Rectangle(left: left, top: top, width: panelWidth, height: panelHeight)

        xTicks = Self.ticksWithRoom(in: xRange, wholeNumbers: countsEpochs, width: panelWidth) {
            measure($0, style.tickLabelSize) + 2 * style.gap
        }

        let sheet = canvas.width - 2 * style.outerMargin
        title = FittedText(
            chart.title, size: style.titleSize, smallest: style.smallestSize, width: sheet, measure: measure)
        xLabel = FittedText(
            chart.xLabel, size: style.axisLabelSize, smallest: style.smallestSize, width: panelWidth,
            measure: measure)
        yLabel = FittedText(
            chart.yLabel, size: style.axisLabelSize, smallest: style.smallestSize, width: panelHeight,
            measure: measure)
    }

    private static func ends(of range: ClosedRange<Double>?) -> [Double] {
        range.map { [$0.lowerBound, $0.upperBound] } ?? []
    }

    /// As many ticks, at most ten, as fit side by side with their numbers.
    private static func ticksWithRoom(
        in range: AxisRange, wholeNumbers: Bool, width: Double, labelWidth: (String) -> Double
    ) -> Ticks {
        var intervals = 9
        while true {
            let ticks = Ticks(in: range, maximumIntervals: intervals, wholeNumbers: wholeNumbers)
            let distance = width * ticks.step.value / range.span
            let widest = ticks.labels.map(labelWidth).max() ?? 0
            if widest <= distance || intervals == 1 { return ticks }
            intervals -= 1
        }
    }

    func draw() {
        canvas.fill(
            Rectangle(left: 0, top: 0, width: canvas.width, height: canvas.height), with: ChartStyle.paper)
        canvas.fill(panel, with: ChartStyle.panel)
        drawAxes()
        drawVerticalLines()
        drawTitles()
        let curves = pieces.map { $0.map { $0.map(position) } }
        canvas.clipped(to: panel) {
            for (index, line) in references.enumerated() { draw([line], of: curves.count + index) }
            for (index, curve) in curves.enumerated() { draw(curve, of: index) }
        }
        if let legendRows {
            draw(legendRows)
        } else {
            drawLegend(avoiding: curves.flatMap(\.self) + references)
        }
    }

    func position(of point: Point) -> Point {
        Point(
            x: panel.left + xRange.fraction(of: point.x) * panel.width,
            y: panel.bottom - yRange.fraction(of: point.y) * panel.height)
    }

    private func drawAxes() {
        let size = style.tickLabelSize
        let ascent = canvas.lineExtents(size: size).ascent
        for (value, label) in zip(xTicks.values, xTicks.labels) {
            let x = panel.left + xRange.fraction(of: value) * panel.width
            canvas.stroke(
                [Point(x: x, y: panel.top), Point(x: x, y: panel.bottom)], with: ChartStyle.grid,
                lineWidth: style.gridWidth)
            guard chart.hasXNumbers else { continue }
            canvas.stroke(
                [Point(x: x, y: panel.bottom), Point(x: x, y: panel.bottom + style.tickLength)],
                with: ChartStyle.axis, lineWidth: style.tickWidth)
            let baseline = panel.bottom + style.tickLength + style.gap / 4 + ascent
            canvas.draw(
                label, at: Point(x: x, y: baseline), size: size, color: ChartStyle.axis, alignment: 0.5)
        }
        for (value, label) in zip(yTicks.values, yTicks.labels) {
            let y = panel.bottom - yRange.fraction(of: value) * panel.height
            canvas.stroke(
                [Point(x: panel.left, y: y), Point(x: panel.right, y: y)], with: ChartStyle.grid,
                lineWidth: style.gridWidth)
            canvas.stroke(
                [Point(x: panel.left - style.tickLength, y: y), Point(x: panel.left, y: y)],
                with: ChartStyle.axis, lineWidth: style.tickWidth)
            // Half the height of a digit (0.73 em) centers the number on its tick.
            canvas.draw(
                label, at: Point(x: panel.left - style.tickLength - style.gap / 2, y: y + 0.365 * size), size: size,
                color: ChartStyle.axis, alignment: 1)
        }
    }

    private func drawVerticalLines() {
        func x(_ line: LineChart.VerticalLine) -> Double { panel.left + xRange.fraction(of: line.x) * panel.width }
        for line in verticalLines {
            canvas.stroke(
                [Point(x: x(line), y: panel.top), Point(x: x(line), y: panel.bottom)], with: ChartStyle.axis,
                lineWidth: style.tickWidth)
        }
        let size = style.tickLabelSize
        let labelled = verticalLines.filter { !$0.label.isEmpty }
        let labels = labelled.map { FittedText.oneLine($0.label) }
        let lefts = SideBySide.lefts(
            widths: labels.map { canvas.width(of: $0, size: size) }, centers: labelled.map(x), distance: style.gap,
            in: style.outerMargin...max(style.outerMargin, canvas.width - style.outerMargin))
        let baseline = panel.top - style.gap / 4 - canvas.lineExtents(size: size).descent
        for (label, left) in zip(labels, lefts ?? []) {
            canvas.draw(label, at: Point(x: left, y: baseline), size: size, color: ChartStyle.axis)
        }
    }

    private func drawTitles() {
        let middle = (panel.left + panel.right) / 2
        // A title wider than the panel is moved, because centered on the panel it might leave the sheet.
        let half = canvas.width(of: title.text, size: title.size) / 2
        let titleMiddle = max(
            style.outerMargin + half, min(middle, canvas.width - style.outerMargin - half))
        let titleDescent = canvas.lineExtents(size: title.size).descent
        canvas.draw(
            title.text, at: Point(x: titleMiddle, y: panel.top - lineLabelHeight - style.gap - titleDescent),
            size: title.size, color: ChartStyle.text, alignment: 0.5)
        let legendHeight = legendRows?.height ?? 0
        if chart.hasXNumbers {
            let xDescent = canvas.lineExtents(size: xLabel.size).descent
            canvas.draw(
                xLabel.text, at: Point(x: middle, y: canvas.height - style.outerMargin - legendHeight - xDescent),
                size: xLabel.size, color: ChartStyle.axis, alignment: 0.5)
        }
        let yAscent = canvas.lineExtents(size: yLabel.size).ascent
        canvas.draw(
            yLabel.text, at: Point(x: style.outerMargin + yAscent, y: (panel.top + panel.bottom) / 2),
            size: yLabel.size, color: ChartStyle.axis, alignment: 0.5, upwards: true)
    }

    func draw(_ curve: [[Point]], of index: Int) {
        let color = color(of: index)
        for piece in curve {
            if piece.count == 1 {
                canvas.fillCircle(center: piece[0], radius: markRadius(of: index), with: color)
            } else {
                canvas.stroke(piece, with: color, lineWidth: lineWidth(of: index), dash: dash(of: index))
            }
        }
    }

    // Indices count the series first, then the references.

    func series(_ index: Int) -> LineChart.Series? {
        chart.series.indices.contains(index) ? chart.series[index] : nil
    }

    func color(of index: Int) -> Color { series(index)?.color ?? Palette.color(of: index) }

    func lineWidth(of index: Int) -> Double { style.curveWidth * (series(index)?.thickness ?? 1) }

    func markRadius(of index: Int) -> Double { style.markRadius * (series(index)?.thickness ?? 1) }

    func dash(of index: Int) -> [Double] {
        // A color of its own does not repeat, so it needs no other pattern.
        let pattern = series(index)?.color == nil ? index : 0
        return Palette.dash(of: pattern, isDashed: series(index)?.isDashed ?? true).map { $0 * lineWidth(of: index) }
    }
}
