import Foundation

/// Horizontal bars that start at zero, each with its name and value.
public struct BarChart: Picture {
    /// One bar, or the reference line.
    public struct Bar: Sendable {
        /// The name to the left of the bar.
        public var label: String
        /// The bar's length. For NaN or an infinity there is a dash in place of the bar.
        public var value: Double

        /// Creates a bar.
        public init(label: String, value: Double) {
            self.label = label
            self.value = value
        }
    }

    /// The title above the panel; none if empty.
    public var title: String
    /// The label of the value axis; none if empty.
    public var xLabel: String
    /// The bars from top to bottom.
    public var bars: [Bar]
    /// A value to compare the bars with: a dashed line with its label above the panel. None if not finite.
    public var reference: Bar?
    /// The range of the value axis. Ignored unless it contains zero and all values; the chart then chooses the range.
    public var xRange: ClosedRange<Double>?
    /// The number of decimals of the printed values, 0 to 15.
    public var decimals = 1

    /// The width in points.
    public var width = 800.0
    /// The height in points.
    public var height = 600.0

    /// Creates a chart of 800 x 600 points.
    public init(title: String, xLabel: String, bars: [Bar]) {
        self.title = title
        self.xLabel = xLabel
        self.bars = bars
    }

    /// Draws the chart.
    public func draw(on canvas: Canvas) { BarChartRenderer(chart: self, canvas: canvas).draw() }
}

/// Measures the names, then draws from back to front.
struct BarChartRenderer {
    private let chart: BarChart
    private let canvas: Canvas
    private let style: ChartStyle
    private let range: AxisRange
    private let panel: Rectangle
    private let ticks: Ticks

    init(chart: BarChart, canvas: Canvas) {
        let style = ChartStyle(width: canvas.width, height: canvas.height)
        (self.chart, self.canvas, self.style) = (chart, canvas, style)
        let names = chart.bars.map { canvas.width(of: $0.label, size: style.tickLabelSize) }
        let left = style.outerMargin + min(names.max() ?? 0, canvas.width * 0.35) + style.gap
        let top =
            style.outerMargin + (chart.title.isEmpty ? 0 : style.titleSize * 1.6)
            + (chart.reference == nil ? 0 : style.legendSize * 1.5)
        let bottom =
            canvas.height - style.outerMargin - style.tickLabelSize * 1.5 - style.tickLength
            - (chart.xLabel.isEmpty ? 0 : style.axisLabelSize * 1.5)
        panel = Rectangle(
            left: left, top: top, width: max(canvas.width - left - style.outerMargin - style.gap, 1),
            height: max(bottom - top, 1))

        // A bar's length is only meaningful if it starts at zero.
        let values = (chart.bars.map(\.value) + [chart.reference?.value ?? 0, 0]).filter(\.isFinite)
        range = Self.range(of: values, preferred: chart.xRange)
        ticks = Ticks(in: range, maximumIntervals: max(1, min(10, Int(panel.width / (style.tickLabelSize * 4)))))
    }

    private static func range(of values: [Double], preferred: ClosedRange<Double>?) -> AxisRange {
        // A given range has no margin: a percentage ends at 100.
        if let preferred, preferred.lowerBound < preferred.upperBound, values.allSatisfy(preferred.contains) {
            return AxisRange(low: preferred.lowerBound, high: preferred.upperBound)
        }
        let shown = AxisRange.showing(values)
        let isPositive = values.allSatisfy { $0 >= 0 } && shown.high > 0
        return AxisRange(low: isPositive ? 0 : shown.low, high: shown.high)
    }

    private func x(of value: Double) -> Double { panel.left + range.fraction(of: value) * panel.width }

    func draw() {
        canvas.drawSheet(title: chart.title, style: style)
        canvas.fill(panel, with: ChartStyle.panel)
        drawAxis()
        drawBars()
        drawReference()
    }

    private func drawAxis() {
        for (value, label) in zip(ticks.values, ticks.labels) {
            let x = x(of: value)
            canvas.stroke(
                [Point(x: x, y: panel.top), Point(x: x, y: panel.bottom)], with: ChartStyle.grid,
                lineWidth: style.gridWidth)
            canvas.stroke(
                [Point(x: x, y: panel.bottom), Point(x: x, y: panel.bottom + style.tickLength)],
                with: ChartStyle.axis, lineWidth: style.tickWidth)
            canvas.draw(
                label, at: Point(x: x, y: panel.bottom + style.tickLength + 1.15 * style.tickLabelSize),
                size: style.tickLabelSize, color: ChartStyle.axis, alignment: 0.5)
        }
        canvas.drawLabel(
            chart.xLabel,
            in: Rectangle(
                left: panel.left, top: canvas.height - style.outerMargin - style.axisLabelSize, width: panel.width,
                height: style.axisLabelSize),
            size: style.axisLabelSize, smallest: style.smallestSize, color: ChartStyle.axis)
    }

    private func drawBars() {
        let rowHeight = panel.height / Double(max(chart.bars.count, 1))
        let size = min(style.tickLabelSize, rowHeight * 0.75)
        for (row, bar) in chart.bars.enumerated() {
            let band = Rectangle(
                left: panel.left, top: panel.top + (Double(row) + 0.15) * rowHeight, width: panel.width,
                height: rowHeight * 0.7)
            let names = Rectangle(
                left: style.outerMargin, top: band.top, width: panel.left - style.gap - style.outerMargin,
                height: band.height)
            canvas.drawLabel(
                bar.label, in: names, size: size, smallest: min(size, style.smallestSize), color: ChartStyle.axis,
                alignment: 1)
            draw(bar, in: band, size: size)
        }
    }

    private func draw(_ bar: BarChart.Bar, in band: Rectangle, size: Double) {
        guard bar.value.isFinite else {
            canvas.draw(
                "–", at: Point(x: x(of: 0) + style.gap, y: band.top + band.height / 2 + 0.365 * size), size: size,
                color: ChartStyle.text)
            return
        }
        let ends = [x(of: 0), x(of: bar.value)].sorted()
        canvas.fill(
            Rectangle(left: ends[0], top: band.top, width: ends[1] - ends[0], height: band.height),
            with: Palette.color(of: 0))
        // Inside the bar at zero, where all numbers align, or after a bar that is too short.
        let number = String(format: "%.*f", Int32(max(0, min(chart.decimals, 15))), bar.value)
            .replacingOccurrences(of: "-", with: "\u{2212}")
        let isInside = canvas.width(of: number, size: size) + 2 * style.gap < ends[1] - ends[0]
        let isNegative = bar.value < 0
        let start = x(of: isInside ? 0 : bar.value)
        canvas.draw(
            number,
            at: Point(
                x: start + (isNegative ? -style.gap : style.gap), y: band.top + band.height / 2 + 0.365 * size),
            size: size, color: isInside ? ChartStyle.paper : ChartStyle.text, alignment: isNegative ? 1 : 0)
    }

    private func drawReference() {
        guard let reference = chart.reference, reference.value.isFinite else { return }
        let x = x(of: reference.value)
        canvas.stroke(
            [Point(x: x, y: panel.top - style.gap / 2), Point(x: x, y: panel.bottom)], with: Palette.color(of: 1),
            lineWidth: style.curveWidth, dash: [3.7, 1.6].map { $0 * style.curveWidth })
        // Centered above its line, but within the sheet.
        let half = canvas.width(of: reference.label, size: style.legendSize) / 2
        let middle = max(
            style.outerMargin + half, min(x, canvas.width - style.outerMargin - half))
        canvas.draw(
            reference.label, at: Point(x: middle, y: panel.top - style.gap), size: style.legendSize,
            color: ChartStyle.text, alignment: 0.5)
    }
}
