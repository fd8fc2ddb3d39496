// What explains the curves: references, the legend.
extension ChartRenderer {
    /// The lines of the references, from edge to edge of the panel. A reference that is not finite has no points.
    var references: [[Point]] {
        chart.references.map { reference in
            guard reference.y.isFinite else { return [] }
            let y = position(of: Point(x: xRange.low, y: reference.y)).y
            return [Point(x: panel.left, y: y), Point(x: panel.right, y: y)]
        }
    }

    /// The labels of the series, then of the references. Entries without a label are not in the legend.
    static func labels(of chart: LineChart) -> [String] {
        chart.series.map(\.label) + chart.references.map(\.label)
    }

    func drawLegend(avoiding curves: [[Point]]) {
        let labels = Self.labels(of: chart)
        let entries = labels.indices.filter { !labels[$0].isEmpty }
        guard !entries.isEmpty else { return }
        let legend = Legend(
            labels: entries.map { labels[$0] }, style: style, panel: panel,
            measure: { canvas.width(of: $0, size: $1) })
        let frame = LegendPlacement.best(
            width: legend.width, height: legend.height, in: panel, margin: style.gap, curves: curves,
            marks: curves.filter { $0.count == 1 }.map { $0[0] }, markLength: 2 * style.markRadius)
        canvas.fill(frame, with: ChartStyle.panel, opacity: 0.85)
        canvas.outline(frame, with: ChartStyle.legendFrame, lineWidth: style.tickWidth)
        for (row, index) in entries.enumerated() {
            let middle = frame.top + legend.padding + (Double(row) + 0.5) * legend.rowHeight
            let start = frame.left + legend.padding
            drawSample(of: index, from: Point(x: start, y: middle), length: legend.sampleLength)
            let label = legend.labels[row]
            canvas.draw(
                label.text,
                at: Point(
                    x: start + legend.sampleLength + legend.padding, y: middle + 0.35 * label.size),
                size: label.size, color: ChartStyle.text)
        }
    }

    func draw(_ legend: LegendRows) {
        var top = canvas.height - style.outerMargin - legend.height + legend.padding
        for row in legend.rows {
            // Centered under the panel, but within the sheet.
            let centered = (panel.left + panel.right - row.width) / 2
            var x = max(style.outerMargin, min(centered, canvas.width - style.outerMargin - row.width))
            for entry in row.entries {
                let middle = top + legend.rowHeight / 2
                drawSample(of: entry.index, from: Point(x: x, y: middle), length: legend.sampleLength)
                x += legend.sampleLength + legend.padding
                canvas.draw(
                    entry.label.text, at: Point(x: x, y: middle + 0.35 * entry.label.size), size: entry.label.size,
                    color: ChartStyle.text)
                x += entry.width + legend.distance
            }
            top += legend.rowHeight
        }
    }

    private func drawSample(of index: Int, from start: Point, length: Double) {
        let middle = Point(x: start.x + length / 2, y: start.y)
        let isScattered = series(index)?.isScattered ?? false
        draw([isScattered ? [middle] : [start, Point(x: start.x + length, y: start.y)]], of: index)
    }
}
