/// Lines over a common axis, in the look of R's ggplot as matplotlib has it: a grey panel, a white grid, no frame.
public struct LineChart: Sendable {
    /// A line. Values that are not finite leave gaps.
    public struct Series: Sendable {
        public var label: String
        public var x: [Double]
        public var y: [Double]
        /// The next of ``Color/series`` where not given.
        public var color: Color?
        public var isDashed: Bool

        public init(_ label: String, x: [Double], y: [Double], color: Color? = nil, isDashed: Bool = false) {
            self.label = label
            self.x = x
            self.y = y
            self.color = color
            self.isDashed = isDashed
        }
    }

    public var title: String
    public var xLabel: String
    public var yLabel: String
    public var series: [Series]
    /// Only whole numbers along x, as for epochs.
    public var hasIntegerX = true
    /// In points; PNGs have two pixels to a point.
    public var width = 800.0
    public var height = 600.0

    public init(title: String, xLabel: String, yLabel: String, series: [Series]) {
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.series = series
    }

    /// - Throws: ``PlottingError`` or `FileError`.
    public func writePNG(to path: String) throws {
        try Canvas.writePNG(to: path, width: width, height: height, draw)
    }

    /// - Throws: ``PlottingError`` or `FileError`.
    public func writeSVG(to path: String) throws {
        try Canvas.writeSVG(to: path, width: width, height: height, draw)
    }

    // MARK: - Drawing

    private static let textColor = Color(hex: 0x333333)
    private static let tickColor = Color(hex: 0x555555)
    private static let panelColor = Color(hex: 0xE5E5E5)
    private static let labelSize = 17.0
    private static let tickSize = 15.0
    private static let legendSize = 15.0

    private func draw(_ canvas: Canvas) {
        let xRange = Self.range(series.flatMap { $0.runs().flatMap { $0.map(\.x) } })
        let yRange = Self.range(series.flatMap { $0.runs().flatMap { $0.map(\.y) } })
        let yTicks = Ticks(in: yRange)
        let xTicks = Ticks(in: xRange, limit: 10, integers: hasIntegerX)

        let tickWidth = yTicks.labels.map { canvas.width(of: $0, size: Self.tickSize) }.max() ?? 0
        let left = 24 + Self.labelSize + tickWidth + 8
        let panel = Rectangle(x: left, y: 52, width: width - left - 24, height: height - 52 - 66)
        func place(_ point: (x: Double, y: Double)) -> (x: Double, y: Double) {
            let across = (point.x - xRange.lowerBound) / (xRange.upperBound - xRange.lowerBound)
            let up = (point.y - yRange.lowerBound) / (yRange.upperBound - yRange.lowerBound)
            return (panel.x + across * panel.width, panel.bottom - up * panel.height)
        }

        canvas.fill(panel, Self.panelColor)
        for (value, label) in zip(yTicks.values, yTicks.labels) {
            let y = place((xRange.lowerBound, value)).y
            canvas.stroke([(panel.x, y), (panel.right, y)], .white, width: 1.4)
            canvas.stroke([(panel.x - 5, y), (panel.x, y)], Self.tickColor, width: 1.2)
            canvas.text(label, x: panel.x - 9, y: y, size: Self.tickSize, Self.tickColor, anchor: .end)
        }
        for (value, label) in zip(xTicks.values, xTicks.labels) {
            let x = place((value, yRange.lowerBound)).x
            canvas.stroke([(x, panel.y), (x, panel.bottom)], .white, width: 1.4)
            canvas.stroke([(x, panel.bottom), (x, panel.bottom + 5)], Self.tickColor, width: 1.2)
            canvas.text(label, x: x, y: panel.bottom + 18, size: Self.tickSize, Self.tickColor, anchor: .middle)
        }

        var drawn: [(x: Double, y: Double)] = []
        canvas.clipped(to: panel) {
            for (index, series) in series.enumerated() {
                for run in series.runs() {
                    let points = run.map(place)
                    drawn += Self.filled(points)
                    canvas.stroke(points, color(index), width: 2.4, isDashed: series.isDashed)
                }
            }
        }

        let titleSize = Self.fitting(title, size: 20, into: width - 32, canvas)
        canvas.text(
            title, x: min(panel.x + panel.width / 2, width - 16 - canvas.width(of: title, size: titleSize) / 2), y: 28,
            size: titleSize, Self.textColor, anchor: .middle)
        canvas.text(
            xLabel, x: panel.x + panel.width / 2, y: height - 20, size: Self.labelSize, Self.textColor, anchor: .middle)
        canvas.text(
            yLabel, x: 20, y: panel.y + panel.height / 2, size: Self.labelSize, Self.textColor, anchor: .middle,
            isVertical: true)
        drawLegend(canvas, panel, avoiding: drawn)
    }

    private func color(_ index: Int) -> Color { series[index].color ?? Color.series[index % Color.series.count] }

    /// In the corner, or at the middle of the side, where it covers the fewest points.
    private func drawLegend(_ canvas: Canvas, _ panel: Rectangle, avoiding points: [(x: Double, y: Double)]) {
        let entries = series.indices.filter { !series[$0].label.isEmpty }
        guard !entries.isEmpty else { return }
        let line = Self.legendSize * 1.5
        let textWidth = entries.map { canvas.width(of: series[$0].label, size: Self.legendSize) }.max() ?? 0
        let (boxWidth, boxHeight) = (textWidth + 58, line * Double(entries.count) + 12)
        let gap = 12.0
        let columns = [panel.right - boxWidth - gap, panel.x + gap, panel.x + (panel.width - boxWidth) / 2]
        let rows = [panel.y + gap, panel.y + (panel.height - boxHeight) / 2, panel.bottom - boxHeight - gap]
        let boxes = rows.flatMap { y in
            columns.map { Rectangle(x: $0, y: y, width: boxWidth, height: boxHeight) }
        }
        let covered = boxes.map { box in points.count { box.contains($0.x, $0.y) } }
        guard let fewest = covered.min(), let position = covered.firstIndex(of: fewest) else { return }
        let box = boxes[position]

        canvas.fill(box, Color(hex: 0xF4F4F4))
        canvas.stroke(box, Color(hex: 0xCCCCCC), width: 1)
        for (row, index) in entries.enumerated() {
            let y = box.y + 6 + line * (Double(row) + 0.5)
            canvas.stroke(
                [(box.x + 10, y), (box.x + 42, y)], color(index), width: 2.4, isDashed: series[index].isDashed)
            canvas.text(series[index].label, x: box.x + 50, y: y, size: Self.legendSize, Self.textColor)
        }
    }

    /// The values with a margin of 5 % at both ends; something around the value where there is only one.
    private static func range(_ values: [Double]) -> ClosedRange<Double> {
        guard let low = values.min(), let high = values.max() else { return 0...1 }
        let span = high - low
        guard span > 0, span.isFinite else {
            let half = max(abs(low) * 0.05, 0.5)
            return low - half...low + half
        }
        return low - span * 0.05...high + span * 0.05
    }

    /// The size at which `text` is no wider than `width`, at most `size`.
    private static func fitting(_ text: String, size: Double, into width: Double, _ canvas: Canvas) -> Double {
        let needed = canvas.width(of: text, size: size)
        return needed > width ? size * width / needed : size
    }

    /// The points with more between them, so that a long straight piece counts as what it covers.
    private static func filled(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        guard let first = points.first else { return [] }
        var filled = [first]
        for (a, b) in zip(points, points.dropFirst()) {
            let pieces = max(1, min(200, Int(max(abs(b.x - a.x), abs(b.y - a.y)) / 6)))
            for piece in 1...pieces {
                let share = Double(piece) / Double(pieces)
                filled.append((a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share))
            }
        }
        return filled
    }
}

extension LineChart.Series {
    /// The stretches without gaps.
    fileprivate func runs() -> [[(x: Double, y: Double)]] {
        var runs: [[(x: Double, y: Double)]] = [[]]
        // Beyond this, differences would overflow.
        let limit = 1e150
        for (x, y) in zip(x, y) {
            if abs(x) < limit, abs(y) < limit {
                runs[runs.count - 1].append((x, y))
            } else if runs.last?.isEmpty == false {
                runs.append([])
            }
        }
        return runs.filter { !$0.isEmpty }
    }
}
