import Foundation

/// Horizontal bars from zero, each with its name and its number.
public struct BarChart: Picture {
    public struct Bar: Sendable {
        public var label: String
        /// Where it is not finite there is no bar, and a dash for the number.
        public var value: Double

        public init(label: String, value: Double) {
            self.label = label
            self.value = value
        }
    }

    public var title: String
    public var xLabel: String
    /// From top to bottom.
    public var bars: [Bar]
    /// A value to hold the bars against: a dashed line with its label above the panel.
    public var reference: Bar?
    /// What the axis shows at least; zero is always on it.
    public var xRange: ClosedRange<Double>?
    /// After the point of the bars' numbers.
    public var decimals = 1

    /// Size in points.
    public var width = 800.0
    public var height = 600.0

    public init(title: String, xLabel: String, bars: [Bar]) {
        self.title = title
        self.xLabel = xLabel
        self.bars = bars
    }

    public func draw(on canvas: Canvas) { BarChartRenderer(chart: self, canvas: canvas).draw() }
}

/// Finds how much room the names need, then paints from the back to the front.
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

        let ends = chart.xRange.map { [$0.lowerBound, $0.upperBound] } ?? []
        let values = (chart.bars.map(\.value) + [chart.reference?.value ?? 0] + ends).filter(\.isFinite)
        // A bar's length says nothing unless it begins at zero.
        let shown = AxisRange.showing(values + [0])
        let isPositive = values.allSatisfy { $0 >= 0 }
        range = AxisRange(low: isPositive ? 0 : shown.low, high: shown.high)
        ticks = Ticks(in: range, maximumIntervals: max(1, min(10, Int(panel.width / (style.tickLabelSize * 4)))))
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
        // Inside the bar's end where there is room, else behind it.
        let number = String(format: "%.*f", Int32(max(0, min(chart.decimals, 15))), bar.value)
            .replacingOccurrences(of: "-", with: "\u{2212}")
        let isInside = canvas.width(of: number, size: size) + 2 * style.gap < ends[1] - ends[0]
        let tip = bar.value < 0 ? ends[0] : ends[1]
        let outward = bar.value < 0 ? -style.gap : style.gap
        canvas.draw(
            number,
            at: Point(x: tip + (isInside ? -outward : outward), y: band.top + band.height / 2 + 0.365 * size),
            size: size, color: isInside ? ChartStyle.paper : ChartStyle.text,
            alignment: (bar.value < 0) == isInside ? 0 : 1)
    }

    private func drawReference() {
        guard let reference = chart.reference, reference.value.isFinite else { return }
        let x = x(of: reference.value)
        canvas.stroke(
            [Point(x: x, y: panel.top - style.gap / 2), Point(x: x, y: panel.bottom)], with: Palette.color(of: 1),
            lineWidth: style.curveWidth, dash: [3.7, 1.6].map { $0 * style.curveWidth })
        // Above its line, but on the sheet.
        let half = canvas.width(of: reference.label, size: style.legendSize) / 2
        let middle = max(
            style.outerMargin + half, min(x, canvas.width - style.outerMargin - half))
        canvas.draw(
            reference.label, at: Point(x: middle, y: panel.top - style.gap), size: style.legendSize,
            color: ChartStyle.text, alignment: 0.5)
    }
}
