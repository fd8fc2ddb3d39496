import Testing
@testable import Plotting

private func tile(_ color: [UInt8], size: Double) -> ImageGrid {
    ImageGrid(
        title: "", rows: [[ImageGrid.Tile(PixelImage(width: 1, height: 1, pixels: color))]], tileSize: size)
}

@Test func panelsAreInRowsAndAShortRowIsCentered() throws {
    let panels = Panels([
        [tile([255, 0, 0], size: 60), tile([0, 255, 0], size: 100)], [tile([0, 0, 255], size: 60)],
    ])
    let bitmap = try panels.bitmap()
    let red = try #require(bitmap.bounds(of: 0xFF0000)), green = try #require(bitmap.bounds(of: 0x00FF00))
    let blue = try #require(bitmap.bounds(of: 0x0000FF))
    #expect(red.columns.count == 120 && green.columns.count == 200 && blue.columns.count == 120)
    #expect(red.columns.upperBound < green.columns.lowerBound)
    #expect(red.rows.upperBound == green.rows.upperBound && blue.rows.lowerBound > red.rows.upperBound)
    #expect(abs(blue.columns.lowerBound + blue.columns.upperBound + 1 - bitmap.width) <= 2)
}

@Test func lettersContinueAfterZ() {
    #expect(
        [0, 1, 25, 26, 27, 51, 52, 701, 702].map(Panels.letter) == ["a", "b", "z", "aa", "ab", "az", "ba", "zz", "aaa"])
}

@Test func lettersCanBeLeftOut() {
    var panels = Panels([[tile([0, 0, 0], size: 60)]])
    let height = panels.height
    panels.hasLetters = false
    #expect(panels.height == tile([0, 0, 0], size: 60).height && height > panels.height)
}

@Test func picturesOfARowBeginOrEndAtTheSameHeight() throws {
    var panels = Panels([[tile([255, 0, 0], size: 60), tile([0, 255, 0], size: 100)]])
    func rows(_ color: UInt32) throws -> ClosedRange<Int> { try #require(panels.bitmap().bounds(of: color)).rows }
    #expect(try rows(0xFF0000).upperBound == rows(0x00FF00).upperBound)
    panels.alignsTops = true
    #expect(try rows(0xFF0000).lowerBound == rows(0x00FF00).lowerBound)
}
