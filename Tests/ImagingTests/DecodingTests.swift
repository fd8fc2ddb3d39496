import FixtureSupport
import Foundation
import HDF5
import Imaging
import Tensors
import Testing

@Suite struct DecodingFixtureTests {
    /// Files of Tiny ImageNet, three of them gray, have the same bits as in OpenCV.
    @Test(arguments: try FixtureFile.images.groups(in: "jpeg"))
    func tinyImageNetIsDecodedAsByOpenCV(_ fixtureCase: FixtureCase) throws {
        let group = try fixtureCase.open().group
        let file = try #require(try group.attributes.string("file"))
        let image = try Image(contentsOf: "\(FixtureFile.photographs.path)/\(file)")
        #expect(try image == group.image(bgr: "bgr"))
        let mean = try group.dataset("cv2_mean_bgr").read(as: Float.self)
        #expect([Float(image.mean.blue), Float(image.mean.green), Float(image.mean.red)] == mean)
    }

    /// Every kind of JPEG and PNG has the same bits as in OpenCV.
    @Test(arguments: try OpenCV.group("files").names())
    func everyKindIsDecodedAsByOpenCV(name: String) throws {
        let group = try OpenCV.group("files/\(name)")
        #expect(try Image(decoding: group.bytes("file")) == group.image(rgb: "rgb"))
    }
}

/// cv2.mean multiplies by the reciprocal of the count.
@Test func theMeanIsOpenCVsToTheLastBit() {
    let mean = Image(height: 1, width: 3, pixels: [0, 0, 5, 0, 0, 0, 0, 0, 0]).mean
    #expect(mean.blue == 1.6666666666666665 && mean.green == 0 && mean.red == 0)
}

@Suite struct DecodingFaultTests {
    @Test func anEmptyFileIsAnError() {
        #expect(throws: ImageError.empty) { try Image(decoding: []) }
    }

    @Test func otherFilesAreNotImages() {
        #expect(throws: ImageError.notAnImage(Array("GIF89a..".utf8))) {
            try Image(decoding: Array("GIF89a......".utf8))
        }
        #expect(throws: ImageError.notAnImage([0xFF])) { try Image(decoding: [0xFF]) }
        var state = RandomStream(seed: 1, purpose: .drawing).words(block: 0)
        for _ in 0..<200 {
            state = state &* 1_664_525 &+ 1_013_904_223
            let bytes = (0..<64).map { UInt8(truncatingIfNeeded: state[0] >> ($0 % 24)) ^ UInt8($0) }
            #expect(throws: ImageError.self) { try Image(decoding: bytes) }
        }
    }

    /// A file that was cut anywhere is an error, although a JPEG's decoder would only warn. The exception is a cut in a
    /// JPEG's end marker, which loses nothing.
    @Test(arguments: [
        "sampled_420.jpg", "gray.jpg", "cmyk.jpg", "progressive.jpg", "restarts.jpg", "orientation_6_big.jpg",
        "bytes_before_the_end.jpg", "rgb_8.png", "palette_8.png", "interlaced.png",
    ])
    func truncatedFilesAreErrors(name: String) throws {
        let bytes = try OpenCV.file(name)
        // Three meaningless bytes and the marker.
        let end = name == "bytes_before_the_end.jpg" ? bytes.count - 5 : bytes.count - 2
        for count in 1..<bytes.count {
            let isComplete = name.hasSuffix(".jpg") && count >= end
            let image = try? Image(decoding: Array(bytes[..<count]))
            #expect((image != nil) == isComplete, "\(name) cut to \(count) of \(bytes.count) bytes")
        }
        #expect(throws: ImageError.truncated) { try Image(decoding: Array(bytes[..<(end - 5)])) }
        #expect(throws: ImageError.truncated) { try Image(decoding: Array(bytes[..<10])) }
    }

    /// A file without its end marker has all its pixels, and there is a warning.
    @Test(arguments: ["sampled_420.jpg", "gray.jpg", "cmyk.jpg", "progressive.jpg", "restarts.jpg"])
    func aMissingEndMarkerIsAWarning(name: String) throws {
        let bytes = try OpenCV.file(name)
        var warnings: [String] = []
        #expect(try Image(decoding: bytes.dropLast(2)) { warnings.append($0) } == Image(decoding: bytes))
        #expect(warnings == ["the JPEG ends without its end marker; all of its pixels are there"])
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/a.jpg"
        try Data(bytes.dropLast(2)).write(to: URL(fileURLWithPath: path))
        _ = try Image(contentsOf: path) { warnings.append($0) }
        #expect(warnings.last?.hasPrefix("\(path): ") == true)
    }

    /// The decoder would not notice that a file was cut between two scans.
    @Test func missingScansAreNoticed() throws {
        let bytes = try OpenCV.file("progressive.jpg")
        let scans = bytes.indices.dropLast().filter { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA }
        #expect(scans.count > 2)
        for scan in scans {
            #expect(throws: ImageError.truncated) { try Image(decoding: Array(bytes[..<scan])) }
        }
    }

    /// A damaged file gives an image of its size or an error, but never ends the program.
    @Test(arguments: ["sampled_420.jpg", "progressive.jpg", "cmyk.jpg", "orientation_8_little.jpg", "palette_8.png"])
    func damagedFilesNeverEndTheProgram(name: String) throws {
        let bytes = try OpenCV.file(name)
        for position in bytes.indices {
            for value in [0, 0xFF, bytes[position] ^ 0x10] {
                var damaged = bytes
                damaged[position] = value
                // A size that exceeds the memory is refused; the decoder refuses other wrong sizes.
                do { _ = try Image(decoding: damaged) } catch { #expect(error is ImageError) }
            }
        }
    }

    @Test func hugeHeadersAreRefused() throws {
        var png = try OpenCV.file("rgb_8.png")
        png.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
        #expect(throws: ImageError.tooLarge(width: 0x7FFF_FFFF, height: 0x7FFF_FFFF)) { try Image(decoding: png) }
        png.replaceSubrange(16..<24, with: [UInt8](repeating: 0, count: 8))
        #expect(throws: ImageError.damaged("it has no pixels: 0x0")) { try Image(decoding: png) }

        var jpeg = try OpenCV.file("sampled_444.jpg")
        let frame = try #require(jpeg.indices.first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
        jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(throws: ImageError.tooLarge(width: 0xFFFF, height: 0xFFFF)) { try Image(decoding: jpeg) }
    }

    /// A reused decoder would use the tables of the image before.
    @Test func aFileWithoutTablesIsAnError() throws {
        let whole = try OpenCV.file("gray.jpg")
        _ = try Image(decoding: whole)
        let table = try #require(whole.indices.first { whole[$0] == 0xFF && whole[$0 + 1] == 0xDB })
        let length = Int(whole[table + 2]) << 8 | Int(whole[table + 3])
        var without = whole
        without.removeSubrange(table..<table + 2 + length)
        #expect(throws: ImageError.self) { try Image(decoding: without) }
    }

    @Test func errorsNameTheFile() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/notes.jpg"
        try Data("not an image".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: ImageError.inFile(path, .notAnImage(Array("not an i".utf8)))) { try Image(contentsOf: path) }
        let missing = "\(folder.path)/missing.jpg"
        let huge = "\(folder.path)/huge.jpg"
        try Data().write(to: URL(fileURLWithPath: huge))
        try FileHandle(forWritingTo: URL(fileURLWithPath: huge)).truncate(atOffset: 1 << 40)
        for (path, reason) in [
            (huge, "\(huge): it has \(1 << 40) bytes, more than the \(1 << 30) that are read"),
            (missing, "\(missing): No such file or directory"), (folder.path, "\(folder.path): it is a folder"),
            ("/dev/zero", "/dev/zero: it is not a regular file"), ("a\0b", "a file whose name holds a NUL character"),
        ] {
            let error = #expect(throws: (any Error).self) { try Image(contentsOf: path) }
            #expect(error.map { "\($0)" } == "cannot read \(reason)")
        }
    }
}
