import System

/// A small RGB image to be shown as what it is, pixel by pixel.
public struct PixelImage: Sendable, Equatable {
    public let width: Int
    public let height: Int
    /// `[height, width, 3]`, row major.
    public let pixels: [UInt8]

    /// The program ends where `pixels.count` is not `3 * width * height`.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        guard width >= 0, height >= 0, pixels.count == 3 * width * height else {
            stop("\(pixels.count) bytes do not fill an image of \(height) rows and \(width) columns")
        }
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// `range` becomes black to full; what lies outside is cut, and what is not a number black.
    ///
    /// The program ends where `values.count` is not `3 * width * height`.
    public init(width: Int, height: Int, values: [Float], range: ClosedRange<Float>) {
        let span = range.upperBound - range.lowerBound
        self.init(
            width: width, height: height,
            pixels: values.map { value in
                let fraction = span > 0 ? (value - range.lowerBound) / span : 0.5
                // max drops what is not a number.
                return UInt8((min(max(0, fraction), 1) * 255).rounded())
            })
    }
}
