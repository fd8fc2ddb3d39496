import Foundation
import System
import Tensors

/// A picture with 8 bits for each of red, green and blue, in this order everywhere in this package. (OpenCV's arrays,
/// and so the book's, have blue first.)
public struct Image: Sendable, Equatable {
    /// The number of rows.
    public let height: Int
    /// The number of columns.
    public let width: Int
    /// The pixels, `[height, width, 3]` in row-major order.
    public var pixels: [UInt8]

    /// - Precondition: `pixels.count` is `3 * height * width`. Otherwise the program ends with a message.
    public init(height: Int, width: Int, pixels: [UInt8]) {
        guard height >= 0, width >= 0, Shape([height, width, 3]).count == pixels.count else {
            stop("\(pixels.count) bytes do not fill an image of \(height) rows and \(width) columns")
        }
        self.height = height
        self.width = width
        self.pixels = pixels
    }

    /// `[height, width, 3]`
    public var shape: Shape { [height, width, 3] }

    /// The mean of each channel, 0 to 255: OpenCV's `cv2.mean`.
    public var mean: (red: Double, green: Double, blue: Double) {
        var sums = (0, 0, 0)
        pixels.withUnsafeBufferPointer { pixels in
            var start = 0
            while start < pixels.count {
                sums.0 &+= Int(pixels[start])
                sums.1 &+= Int(pixels[start &+ 1])
                sums.2 &+= Int(pixels[start &+ 2])
                start &+= 3
            }
        }
        // As OpenCV, which multiplies.
        let scale = 1 / Double(height * width)
        return (Double(sums.0) * scale, Double(sums.1) * scale, Double(sums.2) * scale)
    }
}

// MARK: - Files

extension Image {
    /// The longest side of an image that is read, in pixels.
    public static let largestSide = 1 << 16
    /// The largest area of an image that is read, in pixels.
    public static let largestArea = 1 << 27
    /// The largest number of pixels that one byte of a file can encode. Deflate expands a byte to at most 1032, each with
    /// eight black or white pixels. JPEG's codes need at least a bit per block of at most 32x32 pixels.
    static let mostPixelsPerByte = 8 * 1032

    /// Reads a JPEG or PNG file. Its bytes decide which, not its name.
    ///
    /// - Parameter warn: receives one line about a file that is incomplete but has all pixels. The default writes it to
    ///   standard error.
    /// - Throws: `FileError` if it cannot be read, ``ImageError/inFile(_:_:)`` if it is not a whole image.
    public init(contentsOf path: String, warn: (String) -> Void = System.warn) throws {
        let bytes = try FileBytes.read(path)
        do { try self.init(decoding: bytes) { warn("\(path): \($0)") } } catch let error as ImageError {
            throw ImageError.inFile(path, error)
        }
    }

    /// Decodes a JPEG or PNG file's bytes into the pixels of `cv2.imread`: gray becomes three equal channels, CMYK
    /// becomes RGB, alpha is dropped, 16 bits are cut to 8, and the image is turned as its EXIF orientation says, in
    /// JPEG and in PNG.
    ///
    /// Unlike `cv2.imread`, it throws if the data end early or are damaged. It decodes nothing if the header declares
    /// more than ``largestSide`` or ``largestArea``, or more pixels than a file of this length can hold. Decoding takes
    /// at most 12 bytes of memory a pixel (a progressive CMYK photograph), plus some rows for libpng and libjpeg.
    ///
    /// - Parameter warn: receives one line about a file that is incomplete but has all pixels: a JPEG without its end
    ///   marker.
    /// - Throws: ``ImageError``.
    public init(decoding bytes: [UInt8], warn: (String) -> Void = { _ in }) throws {
        self = try bytes.withUnsafeBytes { try Image(decoding: $0, warn: warn) }
    }

    /// The same as ``init(decoding:warn:)-([UInt8],_)``, from memory of any kind.
    public init(decoding bytes: UnsafeRawBufferPointer, warn: (String) -> Void = { _ in }) throws {
        guard !bytes.isEmpty else { throw ImageError.empty }
        if bytes.starts(with: JPEG.magic) {
            self = try JPEG.decode(bytes, warn: warn)
        } else if bytes.starts(with: PNG.magic) {
            self = try PNG.decode(bytes)
        } else {
            throw ImageError.notAnImage(Array(bytes.prefix(8)))
        }
    }

    /// The bytes of a JPEG file, with the colors at half resolution.
    ///
    /// - Parameter quality: 1 to 100; the default is OpenCV's.
    /// - Throws: ``ImageError/cannotEncode(_:)``.
    public func jpeg(quality: Int = 95) throws -> [UInt8] { try JPEG.encode(self, quality: quality) }

    /// The bytes of a PNG file, which loses nothing.
    ///
    /// - Throws: ``ImageError/cannotEncode(_:)``.
    public func png() throws -> [UInt8] { try PNG.encode(self) }

    /// Writes a file, whole or not at all: JPEG if the name ends in .jpg or .jpeg, PNG if it ends in .png.
    ///
    /// - Throws: `FileError`, or ``ImageError/inFile(_:_:)``.
    public func write(to path: String) throws {
        let bytes: [UInt8]
        do {
            let name = path.lowercased()
            if name.hasSuffix(".png") {
                bytes = try png()
            } else if name.hasSuffix(".jpg") || name.hasSuffix(".jpeg") {
                bytes = try jpeg()
            } else {
                throw ImageError.cannotEncode("its name must end in .jpg, .jpeg or .png")
            }
        } catch let error as ImageError { throw ImageError.inFile(path, error) }
        try WholeFile.write(Data(bytes), to: path)
    }

    /// Refuses an impossible size in the header of a file of `bytes` bytes, before memory is allocated for it.
    static func checkSize(width: Int, height: Int, bytes: Int) throws {
        guard width > 0, height > 0 else { throw ImageError.damaged("it has no pixels: \(width)x\(height)") }
        guard width <= largestSide, height <= largestSide, width * height <= largestArea else {
            throw ImageError.tooLarge(width: width, height: height)
        }
        guard width * height <= bytes * mostPixelsPerByte else {
            throw ImageError.truncated
        }
    }
}
