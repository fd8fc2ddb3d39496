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
        return Image(height: height, width: width, pixels: pixels)
    }

    static func encode(_ image: Image) throws -> [UInt8] {
        guard image.width > 0, image.height > 0 else { throw ImageError.cannotEncode("it has no pixels") }
        var header = png_image()
        header.version = png_uint_32(PNG_IMAGE_VERSION)
        header.width = png_uint_32(image.width)
        header.height = png_uint_32(image.height)
        header.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)
        defer { png_image_free(&header) }
        // More than deflate and its chunks add to bytes that it cannot compress: 0.2 percent.
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
