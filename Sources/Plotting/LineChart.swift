/// Curves over a common axis, in matplotlib's `ggplot` style. A scatter chart has series of dots in place of curves.
///
/// If all `x` values are whole numbers, such as epochs, the ticks of the x axis are too.
public struct LineChart: Picture {
    /// One curve. Points beyond the shorter of `x` and `y` are ignored; NaN and infinite values leave gaps.
    public struct Series: Sendable {
        /// The curve's label in the legend; not in the legend if empty.
        public var label: String
        /// The horizontal coordinates of the points.
        public var x: [Double]
        /// The vertical coordinates of the points.
        public var y: [Double]
        /// The color of the curve. Nil takes the next color of ``Palette``, by the curve's index.
        public var color: Color?
        /// Whether the curve is dashed.
        public var isDashed: Bool
        /// Whether each point is a dot, and no line joins them.
        public var isScattered: Bool
        /// The width of the line and of the dots, as a multiple of the usual one.
        public var thickness: Double

        /// Creates a curve.
        public init(
            label: String, x: [Double], y: [Double], color: Color? = nil, isDashed: Bool = false,
            isScattered: Bool = false, thickness: Double = 1
        ) {
            self.label = label
            self.x = x
            self.y = y
            self.color = color
            self.isDashed = isDashed
            self.isScattered = isScattered
            self.thickness = thickness
        }
    }

    /// A value to compare the curves with: a dashed line across the panel.
    public struct Reference: Sendable {
        /// The line's label in the legend; not in the legend if empty.
        public var label: String
        /// The value. A line whose value is not finite is not drawn.
        public var y: Double

        /// Creates a reference line.
        public init(label: String, y: Double) {
            self.label = label
            self.y = y
        }
    }

    /// A value of the x axis at which something changed: a thin line from the bottom of the panel to its top.
    public struct VerticalLine: Sendable {
        /// The label above the panel; none if empty.
        public var label: String
        /// The value. If it is not finite, there is no line.
        public var x: Double

        /// Creates a vertical line.
        public init(label: String, x: Double) {
            self.label = label
            self.x = x
        }
    }

    /// The title above the panel; none if empty.
    public var title: String
    /// The label of the x axis; none if empty.
    public var xLabel: String
    /// The label of the y axis; none if empty.
    public var yLabel: String
    /// The curves. A later curve is drawn over an earlier one.
    public var series: [Series]
    /// Horizontal reference lines. Their colors follow those of the series.
    public var references: [Reference] = []
    /// Vertical lines behind the curves. Their labels are side by side, as near to their lines as they can be; without
    /// room for all, no label is drawn.
    public var verticalLines: [VerticalLine] = []
    /// The least range of the x axis, so that charts can be compared. The data can extend it.
    public var xRange: ClosedRange<Double>?
    /// The least range of the y axis, so that charts can be compared. The data can extend it.
    public var yRange: ClosedRange<Double>?

    /// Whether the legend is below the panel, where it hides no curve. Otherwise it is inside the panel, in the place
    /// where it hides the least.
    public var hasLegendBelow = false
    /// The least distance in points of the panel from the left edge. It aligns the axes of charts above each other.
    public var leftMargin = 0.0

    /// Whether the x axis has numbers, and the label. Not needed if a chart below has the same axis.
    var hasXNumbers = true
    /// The values that the x axis shows besides those of this chart, because other charts share it.
    var otherX: [Double] = []

    /// The scale of all text and lines; above 1 for a chart that will be shown small.
    public var textScale = 1.0
    /// The width in points.
    public var width = 800.0
    /// The height in points.
    public var height = 600.0
    /// Pixels per point of a PNG file. It does not affect SVG files.
    public var pixelScale = 2.0

    /// Creates a chart of 800 x 600 points.
    public init(title: String, xLabel: String, yLabel: String, series: [Series]) {
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.series = series
    }

    /// Draws the chart.
    public func draw(on canvas: Canvas) { ChartRenderer(chart: self, canvas: canvas).draw() }
}
