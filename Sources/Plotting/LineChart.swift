/// Curves over a common axis, in the look of matplotlib's `ggplot` style.
public struct LineChart: Picture {
    /// One curve. Points beyond the shorter of `x` and `y` are ignored; NaN and infinite values leave gaps.
    public struct Series: Sendable {
        public var label: String
        public var x: [Double]
        public var y: [Double]
        /// Nil takes the next colour of a palette that colour-blind readers can tell apart.
        public var color: Color?
        public var isDashed: Bool

        public init(label: String, x: [Double], y: [Double], color: Color? = nil, isDashed: Bool = false) {
            self.label = label
            self.x = x
            self.y = y
            self.color = color
            self.isDashed = isDashed
        }
    }

    /// A value to hold the curves against: a dashed line across the panel.
    public struct Reference: Sendable {
        public var label: String
        public var y: Double

        public init(label: String, y: Double) {
            self.label = label
            self.y = y
        }
    }

    public var title: String
    public var xLabel: String
    public var yLabel: String
    public var series: [Series]
    /// They take the colours that come after those of the series.
    public var references: [Reference] = []
    /// Words in the middle of the panel: why there is nothing to be seen.
    public var note = ""
    /// What the axes show at least, for charts that are to be compared.
    public var xRange: ClosedRange<Double>?
    public var yRange: ClosedRange<Double>?

    /// Of all type and lines; above 1 for a chart that will be seen small.
    public var textScale = 1.0
    /// Size in points.
    public var width = 800.0
    public var height = 600.0
    /// Pixels per point of a PNG file; SVG files have none.
    public var pixelScale = 2.0

    public init(title: String, xLabel: String, yLabel: String, series: [Series]) {
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.series = series
    }

    public func draw(on canvas: Canvas) { ChartRenderer(chart: self, canvas: canvas).draw() }
}
