import Imaging
import Testing

/// Pictures are turned as by `cv2.imread` of OpenCV 4.14 and 5.0.
@Suite struct EXIFTests {
    // MARK: - A directory of entries

    private struct Entry {
        var tag: UInt16
        var type: UInt16 = 3
        var count: UInt32 = 1
        /// The value in big-endian order. Its first two bytes are a 16-bit number.
        var value: [UInt8]

        static func orientation(_ number: UInt8, type: UInt16 = 3) -> Entry {
            Entry(tag: 0x0112, type: type, value: type == 4 ? [0, 0, 0, number] : [0, number, 0, 0])
        }

        /// A text entry that declares 1000 characters, which do not exist.
        static func text(_ tag: UInt16, count: UInt32 = 1000) -> Entry {
            Entry(tag: tag, type: 2, count: count, value: [0, 0, 0, 8])
        }

        /// An entry of fractions beyond the end of the data.
        static func fraction(_ tag: UInt16, at place: UInt8 = 0xFF) -> Entry {
            Entry(tag: tag, type: 5, value: [0, 0, place, 0])
        }
    }

    private static func bytes<Number: FixedWidthInteger>(_ number: Number, _ isBig: Bool) -> [UInt8] {
        withUnsafeBytes(of: isBig ? number.bigEndian : number.littleEndian, Array.init)
    }

    private static func tiff(
        _ entries: [Entry], mark: String = "MM", magic: UInt16 = 42, isBig: Bool = true, count: UInt16? = nil
    ) -> [UInt8] {
        var all = Array(mark.utf8) + bytes(magic, isBig) + bytes(UInt32(8), isBig)
        all += bytes(count ?? UInt16(entries.count), isBig)
        for entry in entries {
            all += bytes(entry.tag, isBig) + bytes(entry.type, isBig) + bytes(entry.count, isBig)
            all +=
                isBig ? entry.value : entry.type == 4 ? entry.value.reversed() : [entry.value[1], entry.value[0], 0, 0]
        }
        return all + [0, 0, 0, 0]
    }

    private static let six = tiff([.orientation(6)])

    /// Directories of entries, with the orientation that they give a picture in a JPEG file and in a PNG file.
    private static let directories: [(name: String, tiff: [UInt8], jpeg: Int, png: Int)] = [
        ("Intel's order", tiff([.orientation(6)], mark: "II", isBig: false), 6, 6),
        ("32 bits, whose upper half is read", tiff([.orientation(6, type: 4)]), 1, 1),
        ("32 bits in Intel's order", tiff([.orientation(6, type: 4)], mark: "II", isBig: false), 6, 6),
        ("the first of two", tiff([.orientation(6), .orientation(3)]), 6, 6),
        ("an invalid first of two", tiff([.orientation(0), .orientation(3)]), 1, 1),
        ("an invalid orientation", tiff([.orientation(9)]), 1, 1),
        ("a count of more entries than there are", tiff([.orientation(6)], count: 5), 6, 6),
        ("a count of fewer entries than there are", tiff([.orientation(6)], count: 0), 1, 1),
        ("cut after the number", six.dropLast(6), 6, 6), ("cut within the number", six.dropLast(7), 1, 1),
        ("another mark", tiff([.orientation(6)], mark: "XX"), 6, 1),
        ("two marks", tiff([.orientation(6)], mark: "MI"), 6, 1),
        ("another magic number", tiff([.orientation(6)], magic: 43), 1, 1),
        ("a text beyond the end", tiff([.text(0x010E), .orientation(6)]), 1, 1),
        ("a text within the data", tiff([.text(0x010E, count: 30), .orientation(6)]), 6, 6),
        ("another text beyond the end", tiff([.text(0x013B), .orientation(6)]), 6, 6),
        ("a text beyond the end, later", tiff([.orientation(6), .text(0x8298)]), 6, 6),
        ("a fraction beyond the end", tiff([.fraction(0x011A), .orientation(6)]), 1, 1),
        ("a fraction within the data", tiff([.fraction(0x011A, at: 0), .orientation(6)]), 6, 6),
        ("six fractions beyond the end", tiff([.fraction(0x0214), .orientation(6)]), 1, 1),
    ]

    // MARK: - Files

    private func jpeg(_ segments: [[UInt8]]) throws -> [UInt8] {
        let whole = try OpenCV.file("sampled_444.jpg")
        return Array(whole[..<2] + segments.joined() + whole[2...])
    }

    private static func exif(_ tiff: [UInt8], name: String = "Exif\0\0") -> [UInt8] {
        FileParts.segment(0xE1, Array(name.utf8) + tiff)
    }

    private func png(_ chunks: [[UInt8]], afterPixels: Bool = false) throws -> [UInt8] {
        let whole = try OpenCV.file("rgb_8.png")
        let place = afterPixels ? whole.count - 12 : 33
        return Array(whole[..<place] + chunks.joined() + whole[place...])
    }

    private static func eXIf(_ tiff: [UInt8], isDamaged: Bool = false) -> [UInt8] {
        FileParts.chunk("eXIf", tiff, isDamaged: isDamaged)
    }

    /// The picture turned by an independent definition: the place of each pixel.
    private func turned(_ image: Image, _ orientation: Int) -> Image {
        let isTurned = orientation >= 5
        let (height, width) = isTurned ? (image.width, image.height) : (image.height, image.width)
        var pixels: [UInt8] = []
        for row in 0..<height {
            for column in 0..<width {
                let fromLeft = isTurned ? row : column, fromTop = isTurned ? column : row
                let j = [2, 3, 7, 8].contains(orientation) ? image.width - 1 - fromLeft : fromLeft
                let i = [3, 4, 6, 7].contains(orientation) ? image.height - 1 - fromTop : fromTop
                pixels += image.pixels[(i * image.width + j) * 3..<(i * image.width + j) * 3 + 3]
            }
        }
        return Image(height: height, width: width, pixels: pixels)
    }

    private func expect(
        _ file: [UInt8], turned orientation: Int, from upright: String, _ what: String = "",
        location: SourceLocation = #_sourceLocation
    ) throws {
        let expected = turned(try Image(decoding: OpenCV.file(upright)), orientation)
        #expect(try Image(decoding: file) == expected, "\(what)", sourceLocation: location)
    }

    private func expect(
        jpeg segments: [[UInt8]], turned orientation: Int, location: SourceLocation = #_sourceLocation
    ) throws {
        try expect(jpeg(segments), turned: orientation, from: "sampled_444.jpg", location: location)
    }

    private func expect(
        png chunks: [[UInt8]], turned orientation: Int, location: SourceLocation = #_sourceLocation
    ) throws {
        try expect(png(chunks), turned: orientation, from: "rgb_8.png", "before", location: location)
        try expect(
            png(chunks, afterPixels: true), turned: orientation, from: "rgb_8.png", "behind", location: location)
    }

    // MARK: - Tests

    @Test(arguments: 1...8)
    func everyOrientationIsTurned(number: UInt8) throws {
        let tiff = Self.tiff([.orientation(number)])
        try expect(jpeg: [Self.exif(tiff)], turned: Int(number))
        try expect(png: [Self.eXIf(tiff)], turned: Int(number))
    }

    @Test(arguments: directories.indices)
    func directoriesAreReadAsByOpenCV(index: Int) throws {
        let (name, tiff, jpeg, png) = Self.directories[index]
        try expect(self.jpeg([Self.exif(tiff)]), turned: jpeg, from: "sampled_444.jpg", "\(name), JPEG")
        try expect(self.png([Self.eXIf(tiff)]), turned: png, from: "rgb_8.png", "\(name), PNG")
        try expect(
            self.png([Self.eXIf(tiff)], afterPixels: true), turned: png, from: "rgb_8.png", "\(name), PNG behind")
    }

    /// The first of several segments with an orientation counts, even if the orientation is invalid.
    @Test func theFirstSegmentWithAnOrientationCounts() throws {
        let six = Self.exif(Self.six)
        func one(_ number: UInt8) -> [UInt8] { Self.exif(Self.tiff([.orientation(number)])) }
        try expect(jpeg: [six, one(3)], turned: 6)
        try expect(jpeg: [one(3), six], turned: 3)
        try expect(jpeg: [one(1), six], turned: 1)
        try expect(jpeg: [one(0), six], turned: 1)
        try expect(jpeg: [one(9), six], turned: 1)
        try expect(jpeg: [Self.exif(Self.tiff([])), six], turned: 6)
        try expect(jpeg: [Self.exif(Self.tiff([.orientation(3)], magic: 43)), six], turned: 6)
        try expect(jpeg: [Self.exif(Self.tiff([.text(0x010E), .orientation(3)])), six], turned: 6)
        let xmp = FileParts.segment(0xE1, Array("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>".utf8))
        try expect(jpeg: [xmp, six, one(3)], turned: 6)
        for name in ["exif\0\0", "Exif\0\u{1}", "Exif", ""] {
            try expect(jpeg: [Self.exif(Self.six, name: name)], turned: 1)
        }
        try expect(jpeg: [FileParts.segment(0xE2, Array("Exif\0\0".utf8) + Self.six)], turned: 1)
    }

    /// The first undamaged chunk counts, before or after the pixels.
    @Test func theFirstUndamagedChunkCounts() throws {
        let six = Self.eXIf(Self.six), three = Self.eXIf(Self.tiff([.orientation(3)]))
        try expect(png: [six, three], turned: 6)
        try expect(png: [Self.eXIf(Self.tiff([])), three], turned: 1)
        try expect(png: [Self.eXIf(Self.tiff([.orientation(6)], magic: 43)), three], turned: 3)
        try expect(png: [Self.eXIf([]), three], turned: 3)
        try expect(png: [Self.eXIf(Self.six, isDamaged: true)], turned: 1)
        try expect(png: [Self.eXIf(Self.six, isDamaged: true), three], turned: 3)
        let text = FileParts.chunk("tEXt", Array("Raw profile type exif\0\nexif\n 8\n4578696600004d4d\n".utf8))
        try expect(png: [text, three], turned: 3)
        let both = try png([six])
        try expect(both[..<(both.count - 12)] + three + both[(both.count - 12)...], turned: 6, from: "rgb_8.png")
    }

    /// A segment after the frame still counts. After the pixels of a JPEG it does not.
    @Test func aSegmentBeforeThePixelsCounts() throws {
        let whole = try OpenCV.file("sampled_444.jpg")
        let scan = try #require(whole.indices.first { whole[$0] == 0xFF && whole[$0 + 1] == 0xDA })
        let six = Self.exif(Self.six)
        try expect(whole[..<scan] + six + whole[scan...], turned: 6, from: "sampled_444.jpg")
        try expect(whole[..<(whole.count - 2)] + six + whole.suffix(2), turned: 1, from: "sampled_444.jpg")
        try expect(whole + six, turned: 1, from: "sampled_444.jpg")
    }
}
