import Foundation
import Imaging
import NeuralNetwork
import System
import Tensors

/// Cuts out a random part of the image, scales it to a square and mirrors it half the time: how the images that
/// Inception v1 was trained with were made (Szegedy et al., "Going deeper with convolutions", 2015, section 6).
///
/// The part's area is a share of the image's, all shares from 8 % to 100 % being equally likely; the ratio of its width
/// to its height is between 3/4 and 4/3, a ratio as likely as its inverse. Ratios with which so large a part would
/// not fit are not drawn. (Others draw both until they fit, and so get large parts less often.) The paper does not say
/// how it interpolates; here it is bilinear.
public struct RandomResizedCropPreprocessor: Preprocessor, Described {
    /// Height and width of what comes out.
    public let side: Int
    /// Of the part, as a share of the image's.
    public let area: ClosedRange<Double>
    /// Width by height.
    public let aspectRatio: ClosedRange<Double>

    public init(
        side: Int, area: ClosedRange<Double> = 0.08...1, aspectRatio: ClosedRange<Double> = 3.0 / 4...4.0 / 3
    ) {
        requireSize(side, side)
        guard area.lowerBound > 0, area.upperBound <= 1 else {
            stop("a part's share of an image is above 0 and at most 1, not \(area)")
        }
        guard aspectRatio.lowerBound > 0, aspectRatio.upperBound.isFinite else {
            stop("the ratio of a part's width to its height is above 0 and finite, not \(aspectRatio)")
        }
        self.side = side
        self.area = area
        self.aspectRatio = aspectRatio
    }

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
        public var rows: Range<Int>
        public var columns: Range<Int>
        public var isMirrored: Bool
    }

    /// What is cut out of an image of this size.
    public func part(height: Int, width: Int, random: RandomStream) -> Part {
        let (imageHeight, imageWidth) = (Double(height), Double(width))
        let share = random.uniform(0, in: area)
        // Where the part would be wider, or higher, than the image.
        let widest = imageWidth / (share * imageHeight)
        let highest = share * imageWidth / imageHeight
        let (lower, upper) = (max(aspectRatio.lowerBound, highest), min(aspectRatio.upperBound, widest))
        // Of a long image not even the ratio nearest to its own lets so large a part fit: it is made smaller.
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

    public func preprocess(_ image: Tensor, random: RandomStream) throws -> Tensor {
        try checkImage(image.shape)
        let part = part(height: image.shape[0], width: image.shape[1], random: random)
        let resized = image.cropped(rows: part.rows, columns: part.columns)
            .resized(width: side, height: side, interpolation: .linear)
        return part.isMirrored ? resized.mirrored() : resized
    }
}
