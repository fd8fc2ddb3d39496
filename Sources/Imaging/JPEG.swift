import CTurboJPEG

/// JPEG by libjpeg-turbo with its defaults, which are OpenCV's too: the accurate integer transform and smooth
/// upsampling.
enum JPEG {
    static let magic: [UInt8] = [0xFF, 0xD8, 0xFF]

    /// - Parameter warn: receives one line about a file that is incomplete but has all pixels.
    static func decode(_ bytes: UnsafeRawBufferPointer, warn: (String) -> Void) throws -> Image {
        let header = try JPEGHeader(bytes)
        // Arithmetic coding has no minimum of bits for a block, so the file's length does not limit the area.
        try Image.checkSize(
            width: header.width, height: header.height, bytes: header.isArithmetic ? Image.largestArea : bytes.count)
        let isCMYK = header.components == 4
        func pixels(_ bytes: UnsafeRawBufferPointer, allowsWarnings: Bool) throws -> [UInt8] {
            try decode(
                bytes, width: header.width, height: header.height, channels: isCMYK ? 4 : 3,
                format: isCMYK ? TJPF_CMYK : TJPF_RGB, allowsWarnings: allowsWarnings)
        }
        let stored: [UInt8]
        do { stored = try pixels(bytes, allowsWarnings: true) } catch ImageError.truncated {
            stored = try withEnd(bytes, header) { try pixels($0, allowsWarnings: false) }
            warn("the JPEG ends without its end marker; all of its pixels are there")
        }
        let image = Image(
            height: header.height, width: header.width, pixels: isCMYK ? withoutInk(stored) : stored)
        return image.upright(from: header.orientation)
    }

    /// Decodes a file that only lacks its end marker: if the marker is added, the decoder must not report anything
    /// missing.
    ///
    /// - Throws: ``ImageError/truncated`` if more is missing, or if the decoder could not tell: arithmetic codes may end
    ///   anywhere, and it accepts any number of scans.
    private static func withEnd(
        _ bytes: UnsafeRawBufferPointer, _ header: JPEGHeader, _ decode: (UnsafeRawBufferPointer) throws -> [UInt8]
    ) throws -> [UInt8] {
        guard !header.isArithmetic, header.hasAllScans(bytes) else { throw ImageError.truncated }
        do { return try (Array(bytes) + endMarker).withUnsafeBytes(decode) } catch { throw ImageError.truncated }
    }

    private static let endMarker: [UInt8] = [0xFF, 0xD9]

    private static func decode(
        _ bytes: UnsafeRawBufferPointer, width: Int, height: Int, channels: Int, format: TJPF, allowsWarnings: Bool
    ) throws -> [UInt8] {
        // A reused decompressor would decode a file without tables with those of the last image. A new one takes less
        // than a microsecond.
        guard let decompressor = tjInitDecompress() else { throw ImageError.damaged(message(nil)) }
        defer { tjDestroy(decompressor) }
        return try [UInt8](unsafeUninitializedCapacity: width * height * channels) { pixels, count in
            let status = tjDecompress2(
                decompressor, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt(bytes.count),
                pixels.baseAddress, Int32(width), 0, Int32(height), Int32(format.rawValue), TJFLAG_LIMITSCANS)
            guard status == 0 || (allowsWarnings && isHarmless(decompressor, bytes)) else {
                throw failure(message(decompressor))
            }
            count = width * height * channels
        }
    }

    /// Whether libjpeg only warned, and about something that does not affect the pixels.
    ///
    /// It reports only its first warning, so the file must also have its end marker. It also reports an error that
    /// follows a warning as a warning, although it has stopped decoding. So harmless warnings are recognized by text.
    private static func isHarmless(_ decompressor: tjhandle, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard tjGetErrorCode(decompressor) == Int32(TJERR_WARNING.rawValue) else { return false }
        let message = message(decompressor)
        guard harmlessWarnings.contains(where: message.contains) else { return false }
        return zip(bytes, bytes.dropFirst()).contains { $0 == (0xFF, 0xD9) }
    }

    private static let harmlessWarnings = [
        "extraneous bytes before marker", "Unknown Adobe color transform code", "unknown JFIF revision number",
        "Invalid SOS parameters for sequential JPEG",
    ]

    private static func failure(_ message: String) -> ImageError {
        message.lowercased().contains("premature end") ? .truncated : .damaged(message)
    }

    private static func message(_ handle: tjhandle?) -> String { String(cString: tjGetErrorStr2(handle)) }

    /// Converts cyan, magenta, yellow and black to red, green and blue. The inks are inverted, as Adobe's programs store
    /// them and OpenCV assumes.
    private static func withoutInk(_ inks: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: inks.count / 4 * 3) { pixels, count in
            for start in stride(from: 0, to: inks.count, by: 4) {
                let black = Int(inks[start + 3])
                for ink in inks[start..<start + 3] {
                    pixels[count] = UInt8(black - ((255 - Int(ink)) * black) >> 8)
                    count += 1
                }
            }
        }
    }

    static func encode(_ image: Image, quality: Int) throws -> [UInt8] {
        guard 1...100 ~= quality else { throw ImageError.cannotEncode("a JPEG's quality is 1 to 100, not \(quality)") }
        // JPEG stores sides in 16 bits.
        guard 1...0xFFFF ~= image.width, 1...0xFFFF ~= image.height else {
            throw ImageError.cannotEncode("\(image.width)x\(image.height) pixels do not fit a JPEG")
        }
        guard let compressor = tjInitCompress() else { throw ImageError.cannotEncode(message(nil)) }
        defer { tjDestroy(compressor) }
        let subsampling = Int32(TJSAMP_420.rawValue)
        let capacity = tjBufSize(Int32(image.width), Int32(image.height), subsampling)
        return try [UInt8](unsafeUninitializedCapacity: Int(capacity)) { buffer, count in
            var (target, size) = (buffer.baseAddress, capacity)
            let status = tjCompress2(
                compressor, image.pixels, Int32(image.width), 0, Int32(image.height), Int32(TJPF_RGB.rawValue),
                &target, &size, subsampling, Int32(quality), TJFLAG_NOREALLOC | TJFLAG_ACCURATEDCT)
            guard status == 0 else { throw ImageError.cannotEncode(message(compressor)) }
            count = Int(size)
        }
    }
}
