import Foundation
import System
import Tensors

/// A picture: 8 bits for each of red, green and blue, in this order, everywhere in this package (OpenCV's arrays, and
/// so the book's, hold blue first).
public struct Image: Sendable, Equatable {
    public let height: Int
    public let width: Int
    /// `[height, width, 3]`, row major.
    public var pixels: [UInt8]

    /// The program ends where `pixels.count` is not `3 * height * width`.
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
        let count = Double(height * width)
        return (Double(sums.0) / count, Double(sums.1) / count, Double(sums.2) / count)
    }
}

extension Image {
    /// The image that a `[height, width, 3]` tensor holds, rounded (half to even) and cut to 0 to 255.
    public init(_ tensor: Tensor) {
        guard tensor.shape.rank == 3, tensor.shape[2] == 3 else {
            stop("an image is (height, width, 3), not \(tensor.shape)")
        }
        self.init(
            height: tensor.shape[0], width: tensor.shape[1], pixels: [UInt8](rounding: tensor.scalars[...]))
    }
}

extension [UInt8] {
    /// Pixels from floats: rounded (half to even) and cut to 0 to 255. What is not a number becomes 0.
    public init(rounding scalars: ArraySlice<Float>) {
        // max drops what is not a number.
        self = scalars.map { UInt8(Swift.min(Swift.max(0, $0), 255).rounded(.toNearestOrEven)) }
    }
}

extension Tensor {
    /// `[height, width, 3]`, 0 to 255.
    public init(_ image: Image) {
        let count = image.pixels.count
        let scalars = [Float](unsafeUninitializedCapacity: count) { target, filled in
            // A plain loop is vectorised; `map` is not.
            for i in 0..<count { target[i] = Float(image.pixels[i]) }
            filled = count
        }
        self.init(shape: image.shape, scalars: scalars)
    }
}

// MARK: - Files

extension Image {
    /// Sides and area of the largest image that is read, in pixels.
    public static let largestSide = 1 << 16
    public static let largestArea = 1 << 27
    /// No byte of a file stands for more pixels: deflate makes 1032 bytes of one, of eight pixels each where they are
    /// black or white; the codes of JPEG have a bit at least for each block, which covers 32x32 pixels at most.
    static let mostPixelsPerByte = 8 * 1032

    /// Reads a JPEG or PNG file; its bytes say which, not its name.
    ///
    /// - Parameter warn: is told in one line what is missing of a file whose pixels are all there; by default it goes
    ///   to standard error.
    /// - Throws: `FileError` where it cannot be read, ``ImageError/inFile(_:_:)`` where it is not a whole image.
    public init(contentsOf path: String, warn: (String) -> Void = System.warn) throws {
        let bytes = try FileBytes.read(path)
        do { try self.init(decoding: bytes) { warn("\(path): \($0)") } } catch let error as ImageError {
            throw ImageError.inFile(path, error)
        }
    }

    /// Decodes a JPEG or PNG file's bytes into the pixels that `cv2.imread` gives: gray becomes three equal channels,
    /// CMYK loses its ink, alpha is dropped, 16 bits are cut to 8, and a photograph is turned as its EXIF says, in a JPEG
    /// and in a PNG.
    ///
    /// Unlike there, an image whose data end early or are damaged is an error. Of a header that claims more than
    /// ``largestSide`` or ``largestArea``, or more than so short a file can hold, nothing is decoded. Decoding takes 12
    /// bytes of memory a pixel at most (a progressive CMYK photograph), and what libpng and libjpeg need for some rows.
    ///
    /// - Parameter warn: is told what is missing of a file whose pixels are all there: a JPEG's end marker.
    /// - Throws: ``ImageError``.
    public init(decoding bytes: [UInt8], warn: (String) -> Void = { _ in }) throws {
        self = try bytes.withUnsafeBytes { try Image(decoding: $0, warn: warn) }
    }

    /// ``init(decoding:warn:)-([UInt8],_)`` from memory of any kind.
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

    /// The bytes of a JPEG file, the colours at half resolution.
    ///
    /// - Parameter quality: 1 to 100, OpenCV's default.
    /// - Throws: ``ImageError/cannotEncode(_:)``.
    public func jpeg(quality: Int = 95) throws -> [UInt8] { try JPEG.encode(self, quality: quality) }

    /// The bytes of a PNG file, without loss.
    ///
    /// - Throws: ``ImageError/cannotEncode(_:)``.
    public func png() throws -> [UInt8] { try PNG.encode(self) }

    /// Writes a file, whole or not at all: JPEG where the name ends in .jpg or .jpeg, PNG where in .png.
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
                throw ImageError.cannotEncode("its name ends in none of .jpg, .jpeg and .png")
            }
        } catch let error as ImageError { throw ImageError.inFile(path, error) }
        try WholeFile.write(Data(bytes), to: path)
    }

    /// Refuses what the header of a file of `bytes` bytes says, before memory is asked for it.
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
