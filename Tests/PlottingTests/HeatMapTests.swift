import Testing
@testable import Plotting

private func map(_ values: [[Double]], names: [String] = ["one", "two"]) -> HeatMap {
    HeatMap(title: "", xLabel: "", yLabel: "", rowNames: names, columnNames: names, values: values)
}

@Test func cellsAreWhereTheirValuesAre() throws {
    // The largest value, in the first row and second column, has the palette's blue.
    let bitmap = try map([[0, 9], [.nan, 0]]).bitmap()
    let full = try #require(bitmap.bounds(of: 0x0072B2)), missing = try #require(bitmap.bounds(of: 0xE5E5E5))
    #expect(full.columns.lowerBound > bitmap.width / 2 && full.rows.upperBound < bitmap.height / 2)
    // The panel behind the cells has the same gray as the missing cell. Its corner is the first cell's.
    #expect(missing.columns.lowerBound < full.columns.lowerBound - full.columns.count * 9 / 10)
    #expect(missing.rows.upperBound > full.rows.upperBound + full.rows.count * 9 / 10)
    let x = missing.columns.lowerBound + 10, y = full.rows.upperBound
    #expect(bitmap[x, y - 10] == 0xFFFFFF && bitmap[x, y + 20] == 0xE5E5E5)
    #expect(bitmap[full.columns.lowerBound + 10, y + 20] == 0xFFFFFF)
}

@Test func shadesRiseWithTheValues() {
    let range = AxisRange(low: 0, high: 1000)
    let shades = [0.0, 1, 10, 100, 1000].map { HeatMap.color(of: $0, in: range) }
    #expect(shades.first == Color(red: 1, green: 1, blue: 1))
    #expect(abs((shades.last?.luminance ?? 0) - Palette.color(of: 0).luminance) < 1e-9)
    for (lighter, darker) in zip(shades, shades.dropFirst()) { #expect(lighter.luminance > darker.luminance) }
    // One mistake in a hundred is visible.
    #expect(shades[0].luminance - shades[2].luminance > 0.05)
}

@Test(arguments: [2, 10, 40]) func longNamesDoNotOverlap(count: Int) throws {
    let names = (0..<count).map { "class \($0) with a very, very long name that goes on and on" }
    let values = names.indices.map { row in names.indices.map { Double($0 == row ? 100 : 0) } }
    let bitmap = try map(values, names: names).bitmap()
    // The diagonal reaches from corner to corner, except for half a grid line of 1.5 points with two pixels each.
    let panel = try #require(bitmap.bounds(of: 0x0072B2))
    // Below the panel and to its left, the lines between cells do not cross a letter.
    for boundary in 1..<count {
        let x = panel.columns.lowerBound - 1 + (panel.columns.count + 3) * boundary / count
        #expect((panel.rows.upperBound + 6..<bitmap.height).allSatisfy { bitmap[x, $0] == 0xFFFFFF })
        let y = panel.rows.lowerBound - 1 + (panel.rows.count + 3) * boundary / count
        #expect((0..<panel.columns.lowerBound - 6).allSatisfy { bitmap[$0, y] == 0xFFFFFF })
    }
    #expect(panel.columns.count > bitmap.width / 2 && panel.rows.count > bitmap.height / 2)
}
