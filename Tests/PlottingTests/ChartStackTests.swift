import Testing
@testable import Plotting

private let magenta: UInt32 = 0xFF00FF
private let cyan: UInt32 = 0x00FFFF

/// A chart of one curve, whose numbers are as wide as `top` is large.
private func chart(_ color: UInt32, x: [Double] = [1, 2], top: Double) -> LineChart {
    LineChart(
        title: "not shown", xLabel: "Epoch #", yLabel: "value",
        series: [LineChart.Series(label: "", x: x, y: [0, top], color: Color(hex: color))])
}

private func bounds(_ stack: ChartStack) throws -> [(columns: ClosedRange<Int>, rows: ClosedRange<Int>)] {
    let bitmap = try stack.bitmap()
    return try [magenta, cyan].map { try #require(bitmap.bounds(of: $0)) }
}

@Test(arguments: [(800.0, 800.0, 1.0), (500, 700, 1.25), (800, 500, 2)])
func panelsOfAStackAreAlignedAndEquallyHigh(width: Double, height: Double, textScale: Double) throws {
    var charts = [chart(magenta, top: 100_000), chart(cyan, top: 1)]
    charts[1].hasLegendBelow = true
    charts[1].series.append(LineChart.Series(label: "in the legend", x: [], y: []))
    var stack = ChartStack(title: "Title", charts: charts)
    (stack.width, stack.height, stack.textScale) = (width, height, textScale)
    for lines in [[], [LineChart.VerticalLine(label: "lr 1e-3", x: 1)]] {
        stack.verticalLines = lines
        let both = try bounds(stack)
        #expect(both[0].columns == both[1].columns)
        #expect(abs(both[0].rows.count - both[1].rows.count) <= 1)
        #expect(both[0].rows.upperBound < both[1].rows.lowerBound)
    }
}

@Test func chartsOfAStackShareTheXAxis() throws {
    var stack = ChartStack(title: "", charts: [chart(magenta, x: [1, 2], top: 1), chart(cyan, x: [1, 11], top: 1)])
    let both = try bounds(stack)
    // Of a steep and a flat curve, the first full pixels differ a little.
    #expect(abs(both[0].columns.lowerBound - both[1].columns.lowerBound) <= 4)
    #expect(both[0].columns.count < both[1].columns.count / 8)
    stack.charts[0].xRange = 0...21
    #expect(try bounds(stack)[1].columns.count < both[1].columns.count * 6 / 10)
}

@Test func onlyTheLastChartOfAStackHasTheNumbersOfTheXAxis() throws {
    let stack = ChartStack(title: "", charts: [chart(magenta, top: 1), chart(cyan, top: 1)])
    let bitmap = try stack.bitmap(), both = try bounds(stack)
    let columns = both[0].columns
    func isWritten(_ rows: Range<Int>) -> Bool {
        rows.contains { row in columns.contains { bitmap[$0, row] & 0xFF < 0x80 && bitmap[$0, row] != magenta } }
    }
    #expect(!isWritten(0..<both[1].rows.lowerBound) && isWritten(both[1].rows.upperBound + 1..<bitmap.height))
}

@Test func verticalLinesCrossAllPanels() throws {
    var stack = ChartStack(title: "", charts: [chart(magenta, top: 1), chart(cyan, top: 1)])
    let before = try stack.bitmap()
    stack.verticalLines = [.init(label: "", x: 1.5)]
    let after = try stack.bitmap()
    for curve in try bounds(stack) {
        let middle = (curve.columns.lowerBound + curve.columns.upperBound) / 2
        let row = curve.rows.lowerBound + 10
        func isDark(_ bitmap: Bitmap) -> Bool { (middle - 3...middle + 3).contains { bitmap[$0, row] == 0x555555 } }
        #expect(isDark(after) && !isDark(before))
    }
}

@Test func aStackWithoutChartsIsBlank() throws {
    #expect(try ChartStack(title: "", charts: []).bitmap().count(of: 0xFFFFFF) == 1600 * 1600)
}
