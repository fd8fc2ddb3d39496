import Testing
@testable import Plotting

private let red: UInt32 = 0xFF0000
private let green: UInt32 = 0x00FF00
private let blue: UInt32 = 0x0000FF
private let yellow: UInt32 = 0xFFFF00

/// Two by two pixels, row by row.
private let four = PixelImage(width: 2, height: 2, pixels: [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0])

private func plain(_ color: [UInt8]) -> ImageGrid.Tile {
    ImageGrid.Tile(PixelImage(width: 1, height: 1, pixels: color))
}

@Test func pixelsOfAnImageAreSharpSquaresInTheirPlaces() throws {
    let bitmap = try ImageGrid(title: "", rows: [[ImageGrid.Tile(four)]], tileSize: 50).bitmap()
    for color in [red, green, blue, yellow] { #expect(bitmap.count(of: color) == 50 * 50) }
    // There are no mixed colors, so no pixels were blended.
    #expect(bitmap.count(of: 0xFFFFFF) == bitmap.width * bitmap.height - 100 * 100)
    let upperLeft = try #require(bitmap.bounds(of: red)), lowerRight = try #require(bitmap.bounds(of: yellow))
    #expect(upperLeft.columns.upperBound + 1 == lowerRight.columns.lowerBound)
    #expect(upperLeft.rows.upperBound + 1 == lowerRight.rows.lowerBound)
    #expect(try #require(bitmap.bounds(of: green)).rows == upperLeft.rows)
}

@Test func anImageKeepsItsProportions() throws {
    let wide = PixelImage(width: 4, height: 1, pixels: Array(repeating: [255, 0, 0], count: 4).flatMap(\.self))
    let bounds = try #require(
        try ImageGrid(title: "", rows: [[ImageGrid.Tile(wide)]], tileSize: 80).bitmap().bounds(of: red))
    #expect(bounds.columns.count == 160 && bounds.rows.count == 40)
}

@Test func tilesAreInRowsAndCaptionsBelowThem() throws {
    var tiles = [plain([255, 0, 0]), plain([0, 255, 0]), plain([0, 0, 255])]
    for index in tiles.indices { tiles[index].caption = ["a class", "its probability"] }
    let bitmap = try ImageGrid(title: "Title", tiles: tiles, columns: 2, tileSize: 60).bitmap()
    let first = try #require(bitmap.bounds(of: red)), second = try #require(bitmap.bounds(of: green))
    let third = try #require(bitmap.bounds(of: blue))
    #expect(first.rows == second.rows && first.columns.upperBound < second.columns.lowerBound)
    #expect(third.columns == first.columns && third.rows.lowerBound > first.rows.upperBound + 60)
    // The caption's letters are between the rows, not on an image.
    #expect(bitmap.count(of: red) == 120 * 120 && bitmap.count(of: blue) == 120 * 120)
    let between = first.rows.upperBound + 1..<third.rows.lowerBound
    #expect(between.contains { y in first.columns.contains { bitmap[$0, y] < 0x404040 } })
}

@Test func longCaptionsAndHeadingsStayInTheirColumns() throws {
    let long = String(repeating: "unabbreviated ", count: 9)
    var tiles = [plain([255, 0, 0]), plain([0, 255, 0])]
    for index in tiles.indices { tiles[index].caption = [long, long] }
    var grid = ImageGrid(title: "", tiles: tiles, columns: 2, tileSize: 60)
    grid.columnHeadings = [long, long]
    grid.rowHeadings = [long]
    let bitmap = try grid.bitmap()
    let left = try #require(bitmap.bounds(of: red)), right = try #require(bitmap.bounds(of: green))
    let middle = (left.columns.upperBound + right.columns.lowerBound) / 2
    #expect((0..<bitmap.height).allSatisfy { bitmap[middle, $0] == 0xFFFFFF })
}
