import Foundation
import Imaging
import NeuralNetwork
import System
import Tensors

/// Cuts out a random part of the image, scales it to a square and mirrors it half of the time, as for the training of
/// Inception v1 (Szegedy et al., "Going deeper with convolutions", 2015, section 6).
///
/// The part's share of the image's area is uniform from 8 % to 100 %. Its ratio of width to height is between 3/4 and
/// 4/3, where a ratio is as likely as its inverse; ratios at which a part of this area would not fit are not drawn.
/// (Other libraries draw both until they fit, and so get large parts less often.) The paper does not name the
/// interpolation; here it is bilinear.
public struct RandomResizedCropPreprocessor: Preprocessor, Described {
    /// Height and width of the result, in pixels.
    public let side: Int
    /// The part's share of the image's area, above 0 and at most 1.
    public let area: ClosedRange<Double>
    /// The part's width divided by its height.
    public let aspectRatio: ClosedRange<Double>

    /// The defaults are the paper's. The program ends with one line if a setting is out of its range.
    ///
    /// - Parameters:
    ///   - side: height and width of the result, in pixels.
    ///   - area: the part's share of the image's area, above 0 and at most 1.
    ///   - aspectRatio: the part's width divided by its height, above 0 and finite.
    public init(
        side: Int, area: ClosedRange<Double> = 0.08...1, aspectRatio: ClosedRange<Double> = 3.0 / 4...4.0 / 3
    ) {
        requireSize(side, side)
        guard area.lowerBound > 0, area.upperBound <= 1 else {
            stop("a part's share of an image must be above 0 and at most 1, not \(area)")
        }
        guard aspectRatio.lowerBound > 0, aspectRatio.upperBound.isFinite else {
            stop("the ratio of a part's width to its height must be above 0 and finite, not \(aspectRatio)")
        }
        self.side = side
        self.area = area
        self.aspectRatio = aspectRatio
    }

    /// Side, area and aspect ratio.
    public var described: JSON {
        JSON(
            className: "RandomResizedCropPreprocessor",
            config: [
                "side": JSON(side), "area": JSON([area.lowerBound, area.upperBound]),
                "aspect_ratio": JSON([aspectRatio.lowerBound, aspectRatio.upperBound]),
            ])
    }

    /// A part of an image.
    public struct Part: Sendable, Equatable {
        /// Rows of the image.
        public var rows: Range<Int>
        /// Columns of the image.
        public var columns: Range<Int>
        /// Whether left and right are exchanged.
        public var isMirrored: Bool
    }

    /// The part of an image of this size.
    ///
    /// - Parameters:
    ///   - height: of the image, in pixels.
    ///   - width: of the image, in pixels.
    ///   - random: the random numbers of this sample in this epoch.
    public func part(height: Int, width: Int, random: RandomStream) -> Part {
        let (imageHeight, imageWidth) = (Double(height), Double(width))
        let share = random.uniform(0, in: area)
        // At larger ratios the part is wider than the image, at smaller ones higher.
        let widest = imageWidth / (share * imageHeight)
        let highest = share * imageWidth / imageHeight
        let (lower, upper) = (max(aspectRatio.lowerBound, highest), min(aspectRatio.upperBound, widest))
        // In a long image a part of this area may fit at no ratio of the range: the part is then made smaller.
        let ratio =
            lower <= upper
            ? exp(random.uniform(1, in: log(lower)...log(upper)))
            : min(max(imageWidth / imageHeight, aspectRatio.lowerBound), aspectRatio.upperBound)
        let wanted = (share * imageHeight * imageWidth / ratio).squareRoot()
        let exact = min(wanted, imageHeight, imageWidth / ratio)
        let rows = min(max(Int(exact.rounded()), 1), height)
        let columns = min(max(Int((exact * ratio).rounded()), 1), width)
        let top = random.place(2, among: height - rows + 1)
        let left = random.place(3, among: width - columns + 1)
        return Part(
            rows: top..<top + rows, columns: left..<left + columns, isMirrored: random.uniform(4, in: 0...1) < 0.5)
    }

    /// `[h, w, channels]` to `[side, side, channels]`.
    ///
    /// - Throws: ``PreprocessingError`` if this is not an image.
    public func preprocess(_ image: Tensor, random: RandomStream) throws -> Tensor {
        try checkImage(image.shape)
        let part = part(height: image.shape[0], width: image.shape[1], random: random)
        let resized = image.cropped(rows: part.rows, columns: part.columns)
            .resized(width: side, height: side, interpolation: .linear)
        return part.isMirrored ? resized.mirrored() : resized
    }
}
