import Testing
@testable import Plotting

private let blue: UInt32 = 0x0072B2

private func chart(_ values: [Double]) -> BarChart {
    var chart = BarChart(
        title: "", xLabel: "", bars: values.enumerated().map { BarChart.Bar(label: "\($0)", value: $1) })
    chart.xRange = 0...100
    return chart
}

@Test func barsAreAsLongAsTheirValues() throws {
    func length(_ value: Double) throws -> Double {
        Double(try #require(try chart([value]).bitmap().bounds(of: blue)).columns.count)
    }
    let whole = try length(100)
    #expect(whole > 1000)
    #expect(abs(try length(50) / whole - 0.5) < 0.005)
    #expect(abs(try length(10) / whole - 0.1) < 0.005)
}

@Test func barsAreInOrderAndMissingOnesAreLeftOut() throws {
    let upper = try #require(try chart([80, .nan]).bitmap().bounds(of: blue))
    let lower = try #require(try chart([.infinity, 80]).bitmap().bounds(of: blue))
    #expect(upper.rows.upperBound < lower.rows.lowerBound && upper.columns == lower.columns)
    #expect(try chart([.nan]).bitmap().count(of: blue) == 0)
}

@Test func barsBelowZeroPointLeft() throws {
    let bitmap = try chart([-40, 40]).bitmap()
    let all = try #require(bitmap.bounds(of: blue))
    let half = all.rows.lowerBound + all.rows.count / 2
    let leftmost = try #require((0..<bitmap.width).first { x in (0..<half).contains { bitmap[x, $0] == blue } })
    #expect(leftmost == all.columns.lowerBound)
    #expect(!(half..<bitmap.height).contains { bitmap[leftmost, $0] == blue })
}

@Test func referenceCrossesThePanel() throws {
    var chart = chart([20, 20, 20])
    chart.reference = BarChart.Bar(label: "a label that is long enough to leave the sheet on its right", value: 99)
    let bitmap = try chart.bitmap()
    let line = try #require(bitmap.bounds(of: 0xD55E00)), bars = try #require(bitmap.bounds(of: blue))
    #expect(line.rows.lowerBound < bars.rows.lowerBound && line.rows.upperBound > bars.rows.upperBound)
    #expect((0..<bitmap.height).allSatisfy { bitmap[bitmap.width - 1, $0] == 0xFFFFFF })
}
