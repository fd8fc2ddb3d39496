/// The part of a JPEG file before its pixels.
struct JPEGHeader {
    private(set) var width = 0
    private(set) var height = 0
    /// The number of components: 1 gray, 3 color, 4 CMYK.
    private(set) var components = 0
    /// Whether the codes are arithmetic instead of Huffman's.
    private(set) var isArithmetic = false
    /// EXIF's orientation. 1 to 8 say which sides of the stored image are top and left; other values mean nothing.
    private(set) var orientation = 1
    /// The offset of the first scan's segment, after its marker.
    private(set) var firstScan = 0
    /// The component identifiers in the frame.
    private(set) var componentNames: [UInt8] = []
    /// Whether several scans refine the picture.
    private(set) var isProgressive = false

    private static let exifName = Array("Exif\0\0".utf8)

    /// Walks the segments up to the first scan.
    init(_ bytes: UnsafeRawBufferPointer) throws {
        var offset = 2
        var hasOrientation = false
        while true {
            // Between segments, libjpeg skips bytes that do not begin a marker.
            while offset < bytes.count, bytes[offset] != 0xFF { offset += 1 }
            while offset < bytes.count, bytes[offset] == 0xFF { offset += 1 }
            guard offset < bytes.count else { throw ImageError.truncated }
            let marker = bytes[offset]
            offset += 1
            switch marker {
            case 0x00, 0x01, 0xD0...0xD7: continue  // No segment follows.
            case 0xD9: throw ImageError.truncated
            case 0xDA:
                guard components > 0 else { throw ImageError.damaged("it has no frame header") }
                firstScan = offset
                return
            default: break
            }
            guard let length = bytes.integer(2, at: offset), offset + length <= bytes.count else {
                throw ImageError.truncated
            }
            guard length >= 2 else { throw ImageError.damaged("a segment of \(length) bytes") }
            let segment = UnsafeRawBufferPointer(rebasing: bytes[offset + 2..<offset + length])
            switch marker {
            case 0xC4, 0xC8, 0xCC: break  // Tables, not frames.
            case 0xC0...0xCF:
                guard components == 0, segment.count >= 6 else { throw ImageError.damaged("a bad frame header") }
                height = segment.integer(2, at: 1) ?? 0
                width = segment.integer(2, at: 3) ?? 0
                components = Int(segment[5])
                isArithmetic = marker >= 0xC9
                isProgressive = [0xC2, 0xC6, 0xCA, 0xCE].contains(marker)
                componentNames = stride(from: 6, to: segment.count, by: 3).prefix(components).map { segment[$0] }
            case 0xE1:
                // The first segment with an orientation counts, as in OpenCV.
                guard !hasOrientation, segment.starts(with: Self.exifName) else { break }
                let tiff = UnsafeRawBufferPointer(rebasing: segment[Self.exifName.count...])
                guard let orientation = EXIF.orientation(tiff) else { break }
                (self.orientation, hasOrientation) = (orientation, true)
            default: break
            }
            offset += length
        }
    }

    /// Whether the scans in the file, which may end early, code every bit of every coefficient of every component.
    func hasAllScans(_ bytes: UnsafeRawBufferPointer) -> Bool {
        // For each coefficient, the lowest bit that any scan has coded.
        var lowest = Dictionary(
            componentNames.map { ($0, [UInt8](repeating: .max, count: 64)) }, uniquingKeysWith: { first, _ in first })
        var offset = firstScan
        while let length = bytes.integer(2, at: offset), offset + length <= bytes.count, length >= 6 {
            let scan = UnsafeRawBufferPointer(rebasing: bytes[offset + 2..<offset + length])
            let count = Int(scan[0])
            guard scan.count >= 4 + 2 * count else { return false }
            // The rest of the segment only matters for progressive pictures.
            let first = isProgressive ? Int(scan[1 + 2 * count]) : 0
            let last = isProgressive ? Int(scan[2 + 2 * count]) : 63
            let bit = isProgressive ? scan[3 + 2 * count] & 0x0F : 0
            guard first <= last, last < 64 else { return false }
            for component in 0..<count {
                for k in first...last { lowest[scan[1 + 2 * component]]?[k] = bit }
            }
            guard let next = Self.nextScan(bytes, from: offset + length) else { break }
            offset = next
        }
        return !lowest.isEmpty && lowest.values.allSatisfy { $0.allSatisfy { $0 == 0 } }
    }

    /// The offset of the next scan's segment, after its marker.
    private static func nextScan(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var offset = start
        while offset + 1 < bytes.count {
            guard bytes[offset] == 0xFF, ![0x00, 0xFF].contains(bytes[offset + 1]),
                !(0xD0...0xD7).contains(bytes[offset + 1])
            else {
                offset += 1
                continue
            }
            let marker = bytes[offset + 1]
            offset += 2
            if marker == 0xDA { return offset }
            // Skip tables, which may contain any bytes.
            guard marker != 0xD9, let length = bytes.integer(2, at: offset) else { return nil }
            offset += length
        }
        return nil
    }
}

extension UnsafeRawBufferPointer {
    /// The unsigned integer of `size` bytes at `offset`, or `nil` if it is not within the bytes.
    func integer(_ size: Int, at offset: Int, isBigEndian: Bool = true) -> Int? {
        guard offset >= 0, offset <= count - size else { return nil }
        let digits = self[offset..<offset + size]
        return isBigEndian
            ? digits.reduce(0) { $0 << 8 | Int($1) } : digits.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
