import Imaging
import System
import Tensors

/// The views of one image whose predictions are averaged when a network is tested.
///
/// ``paper(side:scales:)`` has the 144 of Inception v1 (Szegedy et al., "Going deeper with convolutions", 2015, section
/// 7). The image is scaled so that its shorter side is 256, 288, 320 and 352 pixels. Each of the four gives the left,
/// center and right square (top, center and bottom in a portrait). Each square gives its four corners and its center at
/// 224x224, and the whole square scaled to 224x224. Each of these is also mirrored.
public struct TestTimeCrops: Sendable {
    /// Height of every view, in pixels.
    public let height: Int
    /// Width of every view, in pixels.
    public let width: Int
    /// Shorter sides that the image is scaled to, in pixels; `nil` if views are cut out of the image as it is.
    public let scales: [Int]?
    /// The squares of a scaled image that views are cut out of.
    public let squares: [SquarePosition]
    /// The parts of each square, in their order.
    public let views: [View]
    /// Whether the mirror images of the views follow them.
    public let isMirrored: Bool
    /// The method of resizing a view that was cut out too large.
    public let interpolation: Interpolation

    /// A part of an image or of a square.
    public enum View: Sendable, CaseIterable {
        /// A corner.
        case upperLeft, upperRight, lowerRight, lowerLeft
        /// The center; if the middle is between two pixels, one pixel larger and scaled to the size of the others.
        case center
        /// The whole square or image, scaled to the size of the others.
        case whole
    }

    /// The program ends with one line if an image cannot have such a size, or a square is smaller than a view.
    init(
        width: Int, height: Int, scales: [Int]?, squares: [SquarePosition], views: [View], isMirrored: Bool,
        interpolation: Interpolation = .area
    ) {
        requireSize(width, height)
        for scale in scales ?? [] { requireSize(scale, scale) }
        if let scales, scales.isEmpty || !scales.allSatisfy({ $0 >= max(width, height) }) {
            stop("views of \(width)x\(height) pixels cannot be cut out of images scaled to \(scales)")
        }
        self.width = width
        self.height = height
        self.scales = scales
        self.squares = squares
        self.views = views
        self.isMirrored = isMirrored
        self.interpolation = interpolation
    }

    /// One view: the center of the center square.
    ///
    /// The program ends with one line if `scale` is less than `side`.
    ///
    /// - Parameters:
    ///   - side: height and width of the view, in pixels.
    ///   - scale: the shorter side that the image is scaled to, in pixels; by default in the paper's ratio, 256 for 224.
    public static func center(side: Int = 224, scale: Int? = nil) -> TestTimeCrops {
        TestTimeCrops(
            width: side, height: side, scales: [scale ?? scaled(256, to: side)], squares: [.center], views: [.center],
            isMirrored: false)
    }

    /// Ten views: corners and center of the center square, mirrored too (Krizhevsky et al., 2012).
    ///
    /// The program ends with one line if `scale` is less than `side`.
    ///
    /// - Parameters:
    ///   - side: height and width of every view, in pixels.
    ///   - scale: the shorter side that the image is scaled to, in pixels; by default in the paper's ratio, 256 for 224.
    public static func ten(side: Int = 224, scale: Int? = nil) -> TestTimeCrops {
        TestTimeCrops(
            width: side, height: side, scales: [scale ?? scaled(256, to: side)], squares: [.center],
            views: View.allCases.filter { $0 != .whole },
            isMirrored: true)
    }

    /// The paper's: with its four scales, 144 views.
    ///
    /// The program ends with one line if there are no scales, or one is less than `side`.
    ///
    /// - Parameters:
    ///   - side: height and width of every view, in pixels.
    ///   - scales: the shorter sides that the image is scaled to, in pixels; by default in the paper's ratios, 256, 288,
    ///     320 and 352 for 224.
    public static func paper(side: Int = 224, scales: [Int]? = nil) -> TestTimeCrops {
        TestTimeCrops(
            width: side, height: side, scales: scales ?? [256, 288, 320, 352].map { scaled($0, to: side) },
            squares: SquarePosition.allCases, views: View.allCases, isMirrored: true)
    }

    /// What `scale` of the paper is for crops of this side in place of 224.
    private static func scaled(_ scale: Int, to side: Int) -> Int {
        requireSize(side, side)
        return scale * side / 224
    }

    /// Number of views.
    public var count: Int { (scales.map { $0.count * squares.count } ?? 1) * views.count * (isMirrored ? 2 : 1) }

    /// The views: by scale, then by square; of each square in the order of ``View``, then their mirror images.
    ///
    /// - Throws: ``PreprocessingError`` if this is not an image, or is smaller than a view.
    public func crops<Picture: Pixels>(of image: Picture) throws -> [Picture] {
        try checkImage(image.shape)
        let wholes = scales?.flatMap { scale in squares.map { image.square($0, side: scale) } } ?? [image]
        return try wholes.flatMap { whole in
            let crops = try views.map { try crop($0, of: whole) }
            return isMirrored ? crops + crops.map { $0.mirrored() } : crops
        }
    }

    private func crop<Picture: Pixels>(_ view: View, of image: Picture) throws -> Picture {
        let (bottom, right) = (image.shape[0] - height, image.shape[1] - width)
        guard bottom >= 0, right >= 0 else {
            throw PreprocessingError.tooSmall(width: width, height: height, image.shape)
        }
        let (rows, columns) =
            switch view {
            case .upperLeft: (0..<height, 0..<width)
            case .upperRight: (0..<height, right..<image.shape[1])
            case .lowerRight: (bottom..<image.shape[0], right..<image.shape[1])
            case .lowerLeft: (bottom..<image.shape[0], 0..<width)
            case .center: (bottom / 2..<image.shape[0] - bottom / 2, right / 2..<image.shape[1] - right / 2)
            case .whole: (0..<image.shape[0], 0..<image.shape[1])
            }
        return image.cropped(rows: rows, columns: columns)
            .resized(width: width, height: height, interpolation: interpolation)
    }
}
