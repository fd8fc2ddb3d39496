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

    /// Creates an image from numbers, `[height, width, 3]` in row-major order. The lower end of `range` becomes 0, the
    /// upper end 255. Values outside are clamped, and NaN becomes 0.
    ///
    /// - Precondition: `values.count` is `3 * width * height`. Otherwise the program ends with a message.
    public init(width: Int, height: Int, values: [Float], range: ClosedRange<Float>) {
        let span = range.upperBound - range.lowerBound
        self.init(
            width: width, height: height,
            pixels: values.map { value in
                let fraction = span > 0 ? (value - range.lowerBound) / span : 0.5
                // max(0, NaN) is 0.
                return UInt8((min(max(0, fraction), 1) * 255).rounded())
            })
    }
}
