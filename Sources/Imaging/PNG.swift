import CPNG
import CPNGReading

/// PNG by libpng.
enum PNG {
    static let magic: [UInt8] = [0x89, 0x50, 0x4E, 0x47]

    static func decode(_ bytes: UnsafeRawBufferPointer) throws -> Image {
        // Signature (8 bytes), length and name of the first chunk (8), then its sides.
        guard let width = bytes.integer(4, at: 16), let height = bytes.integer(4, at: 20) else {
            throw ImageError.truncated
        }
        guard bytes[12..<16].elementsEqual("IHDR".utf8) else { throw ImageError.damaged("it has no header") }
        try Image.checkSize(width: width, height: height, bytes: bytes.count)
        let pixels = try [UInt8](unsafeUninitializedCapacity: 3 * width * height) { pixels, count in
            var message = [CChar](repeating: 0, count: 128)
            let status = png_reading_rgb(
                bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, UInt32(width), UInt32(height),
                pixels.baseAddress, &message)
            guard status == PNG_READING_DONE else {
                throw status == PNG_READING_TRUNCATED
                    ? ImageError.truncated
                    : ImageError.damaged(
                        String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
            }
            count = 3 * width * height
        }
        return Image(height: height, width: width, pixels: pixels).upright(from: orientation(bytes))
    }

    /// The orientation in the first `eXIf` chunk that libpng accepts: with a correct checksum and TIFF's first bytes.
    private static func orientation(_ bytes: UnsafeRawBufferPointer) -> Int {
        // The signature is followed by chunks of length, name, data and checksum.
        var start = 8
        while let length = bytes.integer(4, at: start), let checksum = bytes.integer(4, at: start + 8 + length) {
            let data = start + 8..<start + 8 + length
            let chunk = UnsafeRawBufferPointer(rebasing: bytes[data])
            if bytes[start + 4..<start + 8].elementsEqual("eXIf".utf8),
                chunk.starts(with: "MM\0*".utf8) || chunk.starts(with: "II*\0".utf8),
                CRC32.of(bytes[start + 4..<data.upperBound]) == checksum
            {
                return EXIF.orientation(chunk) ?? 1
            }
            start = data.upperBound + 4
        }
        return 1
    }

    static func encode(_ image: Image) throws -> [UInt8] {
        guard image.width > 0, image.height > 0 else { throw ImageError.cannotEncode("it has no pixels") }
        var header = png_image()
        header.version = png_uint_32(PNG_IMAGE_VERSION)
        header.width = png_uint_32(image.width)
        header.height = png_uint_32(image.height)
        header.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)
        defer { png_image_free(&header) }
        // More than the 0.2 percent that deflate and chunks add to incompressible bytes.
        let raw = (3 * image.width + 1) * image.height
        let capacity = raw + raw / 256 + 4096
        return try [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            var size = png_alloc_size_t(capacity)
            guard png_image_write_to_memory(&header, buffer.baseAddress, &size, 0, image.pixels, 0, nil) != 0 else {
                let message = withUnsafeBytes(of: header.message) { $0.prefix { $0 != 0 } }
                throw ImageError.cannotEncode(String(decoding: message, as: UTF8.self))
            }
            count = Int(size)
        }
    }
}

/// The checksum of PNG's chunks.
private enum CRC32 {
    static func of(_ bytes: some Sequence<UInt8>) -> Int {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return Int(~sum)
    }
}
