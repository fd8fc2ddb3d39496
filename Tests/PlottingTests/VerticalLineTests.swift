import Testing
@testable import Plotting

private let magenta: UInt32 = 0xFF00FF
/// Of axes and vertical lines.
private let gray: UInt32 = 0x555555

private func chart(_ lines: [LineChart.VerticalLine]) -> LineChart {
    var chart = LineChart(
        title: "", xLabel: "", yLabel: "",
        series: [LineChart.Series(label: "", x: [1, 9], y: [0, 1], color: Color(hex: magenta))])
    chart.verticalLines = lines
    return chart
}

@Test func verticalLinesCrossThePanelAtTheirValue() throws {
    let curve = try #require(try chart([]).bitmap().bounds(of: magenta))
    let bitmap = try chart([.init(label: "", x: 5)]).bitmap()
    let middle = (curve.columns.lowerBound + curve.columns.upperBound) / 2
    // The curve, which passes in the middle, is in front.
    let rows = (curve.rows.lowerBound...curve.rows.upperBound).filter { row in
        (middle - 3...middle + 3).contains { bitmap[$0, row] == gray }
    }
    #expect(rows.count > curve.rows.count * 9 / 10 && rows.count < curve.rows.count)
    #expect(try chart([.init(label: "never", x: .nan)]).bitmap().bounds(of: magenta)?.rows == curve.rows)
}

@Test func axesShowVerticalLines() throws {
    let narrow = try #require(try chart([]).bitmap().bounds(of: magenta)).columns
    let columns = try #require(try chart([.init(label: "", x: 17)]).bitmap().bounds(of: magenta)).columns
    #expect(abs(Double(columns.count) / Double(narrow.count) - 0.5) < 0.02)
}

@Test func labelsOfVerticalLinesAreAboveThePanel() throws {
    func top(_ label: String) throws -> Int {
        try #require(try chart([.init(label: label, x: 5)]).bitmap().bounds(of: magenta)).rows.lowerBound
    }
    #expect(try top("lr 1e-3") > top("") + 10)
}

@Test func labelsSideBySideDoNotOverlap() throws {
    func lefts(_ centers: [Double], _ widths: [Double]) -> [Double]? {
        SideBySide.lefts(widths: widths, centers: centers, distance: 2, in: 0...100)
    }
    #expect(lefts([], []) == [])
    #expect(lefts([20, 60], [10, 20]) == [15, 50])
    // Pushed to the right by a neighbor, into the room from its left and its right end, to the left by a neighbor.
    #expect(lefts([20, 25], [10, 10]) == [15, 27])
    #expect(lefts([1], [10]) == [0])
    #expect(lefts([99], [10]) == [90])
    #expect(lefts([90, 99], [10, 10]) == [78, 90])
    #expect(lefts([20, 40, 60], [33, 33, 33]) == nil)
    #expect(lefts([20, 40, 60], [32, 32, 32]) == [0, 34, 68])
}
