import Testing
@testable import Plotting

@Test func tablesAreAsLargeAsTheirText() throws {
    let small = try TablePicture(headings: ["type", "#3x3"], rows: [["pool", "1"]])
    let wide = try TablePicture(headings: ["type", "#3x3"], rows: [["a much longer first cell", "1"]])
    let tall = try TablePicture(headings: ["type", "#3x3\nreduce"], rows: [["pool", "1"], ["pool", "2"]])
    #expect(wide.width > small.width && wide.height == small.height)
    #expect(tall.height > small.height)
}

@Test func tablesWithUnevenRowsAreDrawn() throws {
    try withTemporaryFolder { folder in
        let table = try TablePicture(headings: ["a", "b\n\0"], rows: [[], ["1"], ["1", "2", "3"], ["\n", "<>"]])
        try table.writePNG(to: folder + "/table.png")
        try TablePicture(headings: [], rows: []).writePNG(to: folder + "/empty.png")
        // The whole sheet is paper, up to its last pixel.
        let image = try Bitmap(contentsOf: folder + "/table.png")
        #expect(image[image.width - 1, image.height - 1] == 0xFFFFFF)
    }
}

@Test func wordsAreLeftAlignedAndNumbersRightAligned() throws {
    func ink(_ wordColumns: Int) throws -> [Int] {
        let table = try TablePicture(
            headings: ["", "a long heading"], rows: [["", "x"]], wordColumns: wordColumns)
        let bitmap = try table.bitmap()
        // The row of the only cell, which is between the two lower lines.
        let rows = bitmap.height - 80..<bitmap.height - 30
        return (0..<bitmap.width).filter { x in rows.contains { bitmap[x, $0] & 0xFF < 0x60 } }
    }
    let number = try #require(try ink(1).first), word = try #require(try ink(2).last)
    #expect(word < number)
}
