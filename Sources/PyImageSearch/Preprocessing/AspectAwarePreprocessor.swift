import Imaging
import Tensors

/// Resizes to a fixed size without changing the aspect ratio: the shorter side is made to fit, and what the longer one
/// has too much is cut off at both ends.
public struct AspectAwarePreprocessor: FixedPreprocessor {
    public let width: Int
    public let height: Int
    public let interpolation: Interpolation

    public init(width: Int, height: Int, interpolation: Interpolation = .area) {
        requireSize(width, height)
        self.width = width
        self.height = height
        self.interpolation = interpolation
    }

    public func preprocess<Picture: Pixels>(_ image: Picture) throws -> Picture {
        try checkImage(image.shape)
        let (oldHeight, oldWidth) = (image.shape[0], image.shape[1])
        let part: Picture
        // Scaled whole, as the book does it, a picture of one row would be more than memory holds.
        let longer = max(height * oldWidth / oldHeight, width * oldHeight / oldWidth)
        guard longer <= Image.largestSide else { throw PreprocessingError.tooLong(image.shape) }
        if oldWidth < oldHeight {
            let scaled = Int(Double(oldHeight) * (Double(width) / Double(oldWidth)))
            part = image.resized(width: width, height: max(1, scaled), interpolation: interpolation)
                .cropped(rows: Self.middle(of: max(1, scaled), height), columns: 0..<width)
        } else {
            let scaled = Int(Double(oldWidth) * (Double(height) / Double(oldHeight)))
            part = image.resized(width: max(1, scaled), height: height, interpolation: interpolation)
                .cropped(rows: 0..<height, columns: Self.middle(of: max(1, scaled), width))
        }
        // An odd difference leaves one pixel too many.
        return part.resized(width: width, height: height, interpolation: interpolation)
    }

    /// The book's `[d : count - d]` with d half of what is too much. Where there is too little (the target is longer
    /// than the image), d is negative, which for Python counts from the end: only the last pixels stay.
    private static func middle(of count: Int, _ target: Int) -> Range<Int> {
        let excess = (count - target) / 2
        return excess >= 0 ? excess..<count - excess : max(0, count + excess)..<count
    }
}
