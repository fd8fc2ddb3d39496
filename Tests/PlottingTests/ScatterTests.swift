import Testing
@testable import Plotting

private let magenta: UInt32 = 0xFF00FF

private func chart(_ x: [Double], _ y: [Double], isScattered: Bool = true, thickness: Double = 1) -> LineChart {
    var series = LineChart.Series(label: "", x: x, y: y, color: Color(hex: magenta), isScattered: isScattered)
    series.thickness = thickness
    return LineChart(title: "", xLabel: "", yLabel: "", series: [series])
}

@Test func scatteredPointsAreDotsWithoutALine() throws {
    let bitmap = try chart([0, 1], [0, 1]).bitmap(), joined = try chart([0, 1], [0, 1], isScattered: false).bitmap()
    let dots = try #require(bitmap.bounds(of: magenta)), line = try #require(joined.bounds(of: magenta))
    let middle = (dots.columns.lowerBound + dots.columns.upperBound) / 2
    func isDrawn(_ bitmap: Bitmap, _ column: Int) -> Bool {
        (0..<bitmap.height).contains { bitmap[column, $0] == magenta }
    }
    #expect(!isDrawn(bitmap, middle) && isDrawn(joined, middle))
    // The axes are those of a curve through the same points.
    #expect(abs(dots.columns.lowerBound - line.columns.lowerBound) < 12)
    #expect(abs(dots.columns.upperBound - line.columns.upperBound) < 12)
}

@Test func pointsThatAreNotFiniteAreLeftOut() throws {
    let some = try chart([0, 1, 2, 3], [0, .nan, .infinity, 1]).bitmap().count(of: magenta)
    #expect(try chart([0, 3], [0, 1]).bitmap().count(of: magenta) == some)
    #expect(try chart([], []).bitmap().count(of: magenta) == 0)
}

@Test func thicknessWidensDotsAndLines() throws {
    func pixels(_ isScattered: Bool, _ thickness: Double) throws -> Int {
        try chart([0, 1], [0, 1], isScattered: isScattered, thickness: thickness).bitmap().count(of: magenta)
    }
    // The area of a dot grows with the square, that of a line with its width.
    #expect(try pixels(true, 2) > 3 * pixels(true, 1))
    let ratio = Double(try pixels(false, 2)) / Double(try pixels(false, 1))
    #expect(ratio > 1.7 && ratio < 3)
}

@Test func theLegendShowsADotForScatteredPoints() throws {
    func columns(_ isScattered: Bool) throws -> Int {
        var labelled = chart([0, 1], [0, 1], isScattered: isScattered)
        labelled.series[0].label = "points"
        labelled.hasLegendBelow = true
        let bitmap = try labelled.bitmap()
        // The legend is in the lowest tenth of the sheet.
        return (0..<bitmap.width).count { x in
            (bitmap.height * 9 / 10..<bitmap.height).contains { bitmap[x, $0] == magenta }
        }
    }
    #expect(try columns(true) > 0)
    #expect(try columns(true) < columns(false) / 2)
}
