import System

/// A small RGB image, shown with each pixel as a sharp square.
public struct PixelImage: Sendable, Equatable {
    /// The number of columns.
    public let width: Int
    /// The number of rows.
    public let height: Int
    /// The pixels, `[height, width, 3]` in row-major order; each value is 0 to 255.
    public let pixels: [UInt8]

    /// Creates an image from bytes.
    ///
    /// - Precondition: `pixels.count` is `3 * width * height`. Otherwise the program ends with a message.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        guard width >= 0, height >= 0, pixels.count == 3 * width * height else {
            stop("\(pixels.count) bytes do not fill an image of \(height) rows and \(width) columns")
        }
        self.width = width
        self.height = height
        self.pixels = pixels
    }
}
