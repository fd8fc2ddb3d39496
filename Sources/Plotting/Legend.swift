/// The measures of a legend, chosen so that it leaves most of the panel free.
struct Legend {
    let labels: [FittedText]
    let rowHeight: Double
    let padding: Double
    let sampleLength: Double
    let width: Double
    let height: Double

    init(labels: [String], style: ChartStyle, panel: Rectangle, measure: (String, Double) -> Double) {
        // With very many curves the rows shrink until all fit into the panel.
        let tallestRow = panel.height * 0.9 / Double(max(1, labels.count) + 1)
        let size = min(style.legendSize, tallestRow / 1.4)
        rowHeight = size * 1.4
        padding = size * 0.5
        sampleLength = size * 2.2
        let room = max(panel.width * 0.6 - sampleLength - 3 * padding, size)
        self.labels = labels.map {
            FittedText($0, size: size, smallest: min(style.smallestSize, size), width: room, measure: measure)
        }
        let widest = self.labels.map { measure($0.text, $0.size) }.max() ?? 0
        width = sampleLength + widest + 3 * padding
        height = Double(labels.count) * rowHeight + 2 * padding
    }
}
