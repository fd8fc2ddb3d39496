import Foundation
import Imaging
import System
import Testing

/// Hostile images are decoded, or refused at once, in bounded memory.
@Suite struct HostileImageTests {
    /// A file too short for the size in its header is refused before memory is allocated or a decoder starts. The decoder
    /// would report the header's checksum.
    @Test func aShortFileWithAHugeHeaderIsRefused() throws {
        var png = try OpenCV.file("rgb_8.png")
        png.replaceSubrange(16..<24, with: [0, 0, 0x1F, 0x40, 0, 0, 0x1F, 0x40])
        #expect(throws: ImageError.truncated) { try Image(decoding: png) }
        let jpeg = try withFrame(of: "sampled_444.jpg") { $0.replaceSubrange(5..<9, with: [0x2A, 0xF8, 0x2A, 0xF8]) }
        #expect(throws: ImageError.truncated) { try Image(decoding: jpeg) }
        // A one-color picture of 30,000 x 30,000 pixels would be a file of a megabyte.
        png.replaceSubrange(16..<24, with: [0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30])
        #expect(throws: ImageError.tooLarge(width: 30_000, height: 30_000)) {
            try Image(decoding: png + [UInt8](repeating: 0, count: 1 << 20))
        }
    }

    /// An extremely compressed image is not refused: a hundred thousand black pixels in a few hundred bytes.
    @Test func aFileThatHoldsManyPixelsIsRead() throws {
        let black = Image(height: 2000, width: 2000, pixels: [UInt8](repeating: 0, count: 12_000_000))
        #expect(try Image(decoding: black.png()) == black)
        #expect(try Image(decoding: black.jpeg()).width == 2000)
    }

    /// The decoder reports an error that follows a warning as a warning, although it has written no pixels.
    @Test func anErrorAfterAWarningIsAnError() throws {
        let whole = try OpenCV.file("sampled_444.jpg")
        let table = try #require(whole.indices.first { whole[$0] == 0xFF && whole[$0 + 1] == 0xDB })
        let length = Int(whole[table + 2]) << 8 | Int(whole[table + 3])
        // Extraneous bytes, and no table.
        let bytes = whole[..<table] + [1, 2, 3] + whole[(table + 2 + length)...]
        #expect(throws: ImageError.self) { try Image(decoding: Array(bytes)) }
    }

    @Test func unsupportedKindsAreRefused() throws {
        let twelveBits = try withFrame(of: "gray.jpg") { $0[4] = 12 }
        #expect(throws: ImageError.damaged("Unsupported JPEG data precision 12")) { try Image(decoding: twelveBits) }
        for marker: UInt8 in [0xC3, 0xC5, 0xC9, 0xCB, 0xCF] {
            let coded = try withFrame(of: "gray.jpg") { $0[1] = marker }
            do { _ = try Image(decoding: coded) } catch { #expect(error is ImageError) }
        }
        for components: UInt8 in [0, 2, 5, 255] {
            let odd = try withFrame(of: "sampled_420.jpg") { $0[9] = components }
            #expect(throws: ImageError.self) { try Image(decoding: odd) }
        }
    }

    /// Invalid orientations, and directories that lead nowhere or to themselves.
    @Test func invalidOrientationsTurnNothing() throws {
        let whole = try OpenCV.file("sampled_420.jpg")
        let upright = try Image(decoding: whole)
        func entry(_ tag: Int, _ value: Int) -> [UInt8] {
            [UInt8(tag >> 8), UInt8(tag & 255), 0, 3, 0, 0, 0, 1, UInt8(value >> 8), UInt8(value & 255), 0, 0]
        }
        func tiff(directory: [UInt8], _ entries: [UInt8]) -> [UInt8] {
            Array("Exif\0\0MM\0*".utf8) + directory + entries
        }
        for value in [0, 9, 255, 0xFFFF] {
            let segment = tiff(directory: [0, 0, 0, 8], [0, 1] + entry(0x0112, value))
            #expect(try Image(decoding: with(segment, in: whole)) == upright, "orientation \(value)")
        }
        let broken: [[UInt8]] = [
            tiff(directory: [0xFF, 0xFF, 0xFF, 0xFF], []), tiff(directory: [0, 0, 0, 0], []),
            tiff(directory: [0, 0, 0, 8], [0xFF, 0xFF] + entry(0x0100, 1)), tiff(directory: [0, 0], []),
            Array("Exif\0\0".utf8), Array("Exif\0\0XX\0*".utf8), [],
        ]
        for segment in broken { #expect(try Image(decoding: with(segment, in: whole)) == upright) }
    }

    /// Sixty megabytes of EXIF before the picture.
    @Test func endlessSegmentsAreSkipped() throws {
        let whole = try OpenCV.file("sampled_420.jpg")
        let segment = Array("Exif\0\0".utf8) + [UInt8](repeating: 7, count: 0xFFF0)
        let bytes = whole[..<2] + [[UInt8]](repeating: app1(segment), count: 1000).joined() + whole[2...]
        #expect(try Image(decoding: Array(bytes)) == Image(decoding: whole))
    }

    /// A million chunks without a meaning.
    @Test func endlessChunksAreSkipped() throws {
        let whole = try OpenCV.file("rgb_8.png")
        let chunks = [[UInt8]](repeating: chunk("tEXt", Array("a\0b".utf8)), count: 1_000_000).joined()
        let bytes = whole[..<33] + chunks + whole[33...]
        #expect(try Image(decoding: Array(bytes)) == Image(decoding: whole))
    }

    /// Texts that would be two gigabytes when inflated.
    @Test func textsAreNotInflated() throws {
        let whole = try OpenCV.file("rgb_8.png")
        let text = chunk("zTXt", Array("a\0\0".utf8) + Self.deflatedZeros(7_500_000))
        #expect(text.count < 50_000)
        let before = Self.peakMemory
        let bytes = whole[..<33] + [[UInt8]](repeating: text, count: 270).joined() + whole[33...]
        #expect(try Image(decoding: Array(bytes)) == Image(decoding: whole))
        #expect(Self.peakMemory - before < 1 << 30)
    }

    @Test func pipesAndLoopsAreNotWaitedFor() throws {
        let folder = try TemporaryFolder()
        let pipe = "\(folder.path)/pipe.jpg", loop = "\(folder.path)/loop.jpg"
        #expect(mkfifo(pipe, 0o600) == 0 && symlink(loop, loop) == 0)
        #expect(throws: FileError("cannot read \(pipe): it is not a regular file")) { try Image(contentsOf: pipe) }
        #expect(throws: FileError.self) { try Image(contentsOf: loop) }
    }

    // MARK: - Parts of files

    /// A JPEG file whose frame header, from its marker on, was changed.
    private func withFrame(of name: String, _ change: (inout [UInt8]) -> Void) throws -> [UInt8] {
        let bytes = try OpenCV.file(name)
        let start = try #require(bytes.indices.first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
        var frame = Array(bytes[start..<start + 10])
        change(&frame)
        return bytes[..<start] + frame + bytes[(start + 10)...]
    }

    private func app1(_ content: [UInt8]) -> [UInt8] { FileParts.segment(0xE1, content) }

    private func with(_ exif: [UInt8], in jpeg: [UInt8]) -> [UInt8] { jpeg[..<2] + app1(exif) + jpeg[2...] }

    private func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] { FileParts.chunk(name, data) }

    /// The shortest zlib stream of zeros: a zero, then copies of it, 258 at a time.
    private static func deflatedZeros(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = [0x78, 0x9C]
        var bits = 0, buffer: UInt32 = 0
        func put(_ code: UInt32, _ length: Int) {
            // Codes start with their highest bit, bytes with their lowest.
            for bit in (0..<length).reversed() {
                buffer |= (code >> UInt32(bit) & 1) << UInt32(bits)
                bits += 1
                if bits == 8 {
                    bytes.append(UInt8(buffer))
                    (bits, buffer) = (0, 0)
                }
            }
        }
        // The last block with fixed codes: a literal zero, lengths of 258 at distance 1, the end.
        put(0b1, 1)
        put(0b10, 2)
        put(0b0011_0000, 8)
        for _ in 0..<count / 258 {
            put(0b1100_0101, 8)
            put(0, 5)
        }
        put(0, 7)
        if bits > 0 { bytes.append(UInt8(buffer)) }
        let sum = UInt32((1 + count / 258 * 258) % 65_521) << 16 | 1
        return bytes + (0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * $0)) }
    }

    /// Bytes.
    private static var peakMemory: Int {
        var usage = rusage()
        #if os(Linux)
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            return usage.ru_maxrss * 1024
        #else
            getrusage(RUSAGE_SELF, &usage)
            return usage.ru_maxrss
        #endif
    }
}
