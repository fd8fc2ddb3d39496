/// What a JPEG file says before its pixels.
struct JPEGHeader {
    private(set) var width = 0
    private(set) var height = 0
    /// 1 gray, 3 colour, 4 CMYK.
    private(set) var components = 0
    /// Coded with arithmetic instead of Huffman's codes.
    private(set) var isArithmetic = false
    /// EXIF's, 1 to 8: which sides of the stored image are to be up and left.
    private(set) var orientation = 1

    /// Walks the segments up to the first scan.
    init(_ bytes: UnsafeRawBufferPointer) throws {
        var offset = 2
        while true {
            // Between segments libjpeg passes over what does not begin a marker.
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
                guard components == 0, segment.count >= 6 else { throw ImageError.damaged("its frame header") }
                height = segment.integer(2, at: 1) ?? 0
                width = segment.integer(2, at: 3) ?? 0
                components = Int(segment[5])
                isArithmetic = marker >= 0xC9
            case 0xE1:
                if let orientation = Self.orientation(exif: segment) { self.orientation = orientation }
            default: break
            }
            offset += length
        }
    }

    /// The orientation tag of an EXIF segment: "Exif", two zeros, then a TIFF header and its first directory.
    private static func orientation(exif: UnsafeRawBufferPointer) -> Int? {
        guard exif.starts(with: "Exif\0\0".utf8) else { return nil }
        let tiff = UnsafeRawBufferPointer(rebasing: exif[6...])
        let isBigEndian: Bool
        switch tiff.integer(2, at: 0) {
        case 0x4D4D: isBigEndian = true
        case 0x4949: isBigEndian = false
        default: return nil
        }
        func integer(_ size: Int, _ offset: Int) -> Int? { tiff.integer(size, at: offset, isBigEndian: isBigEndian) }
        guard integer(2, 2) == 42, let directory = integer(4, 4), let entries = integer(2, directory) else {
            return nil
        }
        for entry in 0..<entries {
            let start = directory + 2 + 12 * entry
            guard integer(2, start) == 0x0112 else { continue }
            // A single 16-bit number stands in the entry itself.
            guard let value = integer(2, start + 8), (1...8).contains(value) else { return nil }
            return value
        }
        return nil
    }
}

extension UnsafeRawBufferPointer {
    /// The unsigned integer of `size` bytes at `offset`; `nil` where the bytes end before it does.
    func integer(_ size: Int, at offset: Int, isBigEndian: Bool = true) -> Int? {
        guard offset >= 0, offset <= count - size else { return nil }
        let digits = self[offset..<offset + size]
        return isBigEndian
            ? digits.reduce(0) { $0 << 8 | Int($1) } : digits.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
