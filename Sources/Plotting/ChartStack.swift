/// Line charts above each other over one x axis, for example losses above accuracies.
///
/// The panels are equally high and their edges are aligned. Only the last one has the numbers of the x axis. The
/// titles, vertical lines, sizes and scales of the charts themselves do not count.
public struct ChartStack: Picture {
    /// The title above the first panel; none if empty.
    public var title: String
    /// The charts from top to bottom.
    public var charts: [LineChart]
    /// Vertical lines through all panels. Their labels are above the first one.
    public var verticalLines: [LineChart.VerticalLine] = []

    /// The scale of all text and lines; above 1 for a picture that will be shown small.
    public var textScale = 1.0
    /// The width in points.
    public var width = 800.0
    /// The height in points.
    public var height = 800.0

    /// Creates a stack of 800 x 800 points.
    public init(title: String, charts: [LineChart]) {
        self.title = title
        self.charts = charts
    }

    /// Draws all charts.
    public func draw(on canvas: Canvas) {
        canvas.fill(Rectangle(left: 0, top: 0, width: width, height: height), with: ChartStyle.paper)
        // What is above and below a panel takes the same room at any height. So charts of equal height tell how high
        // the panels will be.
        let equal = height / Double(max(1, charts.count))
        let measured = sharingAxis.map { sized($0, height: equal) }
        let panelHeights = measured.map { panel(of: $0, on: canvas).height }
        let panelHeight = panelHeights.reduce(0, +) / Double(max(1, charts.count))
        var aligned = zip(measured, panelHeights).map { sized($0, height: equal - $1 + panelHeight) }
        let left = aligned.map { panel(of: $0, on: canvas).left }.max() ?? 0
        var top = 0.0
        for index in aligned.indices {
            aligned[index].leftMargin = left
            let chart = aligned[index]
            canvas.inset(Rectangle(left: 0, top: top, width: width, height: chart.height), chart.draw)
            top += chart.height
        }
    }

    /// The charts with what they share: the title, the x axis and the vertical lines.
    private var sharingAxis: [LineChart] {
        let x = charts.flatMap(\.series).flatMap(\.pieces).joined().map(\.x)
        let ends = charts.compactMap(\.xRange)
        var shared = charts
        for index in charts.indices {
            shared[index].title = index == 0 ? title : ""
            shared[index].hasXNumbers = index == charts.count - 1
            shared[index].otherX = x
            if let low = ends.map(\.lowerBound).min(), let high = ends.map(\.upperBound).max() {
                shared[index].xRange = low...high
            }
            shared[index].verticalLines = verticalLines.map { .init(label: index == 0 ? $0.label : "", x: $0.x) }
        }
        return shared
    }

    /// The chart at this height, with text as large as the stack's.
    private func sized(_ chart: LineChart, height: Double) -> LineChart {
        var chart = chart
        (chart.width, chart.height) = (width, height)
        chart.textScale =
            textScale * ChartStyle(width: width, height: self.height).scale
            / ChartStyle(width: width, height: height).scale
        return chart
    }

    private func panel(of chart: LineChart, on canvas: Canvas) -> Rectangle {
        var panel = Rectangle(left: 0, top: 0, width: 0, height: 0)
        canvas.inset(Rectangle(left: 0, top: 0, width: chart.width, height: chart.height)) {
            panel = ChartRenderer(chart: chart, canvas: $0).panel
        }
        return panel
    }
}
