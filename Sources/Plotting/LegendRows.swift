/// The measures of a legend below the panel, whose entries are side by side in as many rows as they need.
struct LegendRows {
    struct Entry {
        /// The curve's index.
        let index: Int
        let label: FittedText
        /// The label's width.
        let width: Double
    }

    struct Row {
        var entries: [Entry]
        var width: Double
    }

    private(set) var rows: [Row] = []
    let rowHeight: Double
    /// The distance between a sample and its label, and above the first row.
    let padding: Double
    /// The distance between entries.
    let distance: Double
    let sampleLength: Double

    var height: Double { rows.isEmpty ? 0 : Double(rows.count) * rowHeight + padding }

    init(labels: [String], style: ChartStyle, width: Double, measure: (String, Double) -> Double) {
        let size = style.legendSize
        rowHeight = size * 1.4
        padding = size * 0.5
        distance = size * 1.5
        sampleLength = size * 2.2
        for (index, text) in labels.enumerated() where !text.isEmpty {
            let label = FittedText(
                text, size: size, smallest: style.smallestSize, width: max(width - sampleLength - padding, size),
                measure: measure)
            let entry = Entry(index: index, label: label, width: measure(label.text, label.size))
            let needed = sampleLength + padding + entry.width
            if let last = rows.last, last.width + distance + needed <= width {
                rows[rows.count - 1].entries.append(entry)
                rows[rows.count - 1].width += distance + needed
            } else {
                rows.append(Row(entries: [entry], width: needed))
            }
        }
    }
}
