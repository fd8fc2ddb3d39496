import Testing
@testable import Plotting

private let magenta: UInt32 = 0xFF00FF

private func chart(_ references: [Double]) -> LineChart {
    var chart = LineChart(
        title: "", xLabel: "", yLabel: "",
        series: [LineChart.Series(label: "", x: [1, 2], y: [0, 1], color: Color(hex: magenta))])
    chart.references = references.map { LineChart.Reference(label: "", y: $0) }
    return chart
}

@Test func referencesAreDashedAcrossThePanelInTheNextColor() throws {
    // After one series, the reference has the palette's second color.
    let bitmap = try chart([3]).bitmap()
    let line = try #require(bitmap.bounds(of: 0xD55E00)), curve = try #require(bitmap.bounds(of: magenta))
    #expect(line.columns.lowerBound < curve.columns.lowerBound && line.columns.upperBound > curve.columns.upperBound)
    #expect(line.rows.upperBound < curve.rows.lowerBound && line.rows.count < 8)
    let middle = (line.rows.lowerBound + line.rows.upperBound) / 2
    let drawn = line.columns.count { bitmap[$0, middle] == 0xD55E00 }
    #expect(drawn > line.columns.count / 2 && drawn < line.columns.count * 9 / 10)
    #expect(
        try chart([.nan, .infinity]).bitmap().bounds(of: magenta)?.rows == chart([]).bitmap().bounds(of: magenta)?.rows)
}

@Test func axesShowAtLeastTheirRange() throws {
    var wide = chart([])
    wide.xRange = 0...70
    wide.yRange = -1...2
    let narrow = try #require(try chart([]).bitmap().bounds(of: magenta))
    let bounds = try #require(try wide.bitmap().bounds(of: magenta))
    #expect(bounds.columns.count < narrow.columns.count / 30)
    #expect(abs(Double(bounds.rows.count) / Double(narrow.rows.count) - 1.0 / 3) < 0.02)
}

@Test func legendRowsWrapWithinTheirWidth() {
    let measure = { (text: String, size: Double) in Double(text.count) * size / 2 }
    let style = ChartStyle(width: 800, height: 600)
    let labels = ["train_loss", "", "val_loss", "train_acc", "val_acc", String(repeating: "long ", count: 60)]
    let legend = LegendRows(labels: labels, style: style, width: 400, measure: measure)
    #expect(legend.rows.flatMap { $0.entries.map(\.index) } == [0, 2, 3, 4, 5])
    #expect(legend.rows.count > 1 && legend.rows.allSatisfy { $0.width <= 400.5 })
    #expect(LegendRows(labels: [""], style: style, width: 400, measure: measure).height == 0)
}

@Test func aLegendBelowHidesNoCurve() throws {
    var below = chart([])
    below.series[0].label = "curve"
    below.hasLegendBelow = true
    below.leftMargin = 200
    let bitmap = try below.bitmap()
    let left = try #require((0..<bitmap.width).first { bitmap[$0, 500] == 0xE5E5E5 })
    let bottom = try #require((0..<bitmap.height).last { bitmap[left + 2, $0] == 0xE5E5E5 })
    #expect(left == 400)
    #expect((bottom..<bitmap.height).contains { y in (0..<bitmap.width).contains { bitmap[$0, y] == magenta } })
}
