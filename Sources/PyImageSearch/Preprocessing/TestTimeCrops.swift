import Imaging
import NeuralNetwork
import System
import Tensors

/// The views of one image whose predictions are averaged when a network is tested.
///
/// ``paper(side:scales:)`` has the 144 of Inception v1 (Szegedy et al., "Going deeper with convolutions", 2015, section
/// 7). The image is scaled so that its shorter side is 256, 288, 320 and 352 pixels. Each of the four gives the left,
/// center and right square (top, center and bottom in a portrait). Each square gives its four corners and its center at
/// 224x224, and the whole square scaled to 224x224. Each of these is also mirrored.
public struct TestTimeCrops: Sendable {
    /// Height and width of every view, in pixels.
    public let side: Int
    /// Shorter sides that the image is scaled to, in pixels.
    public let scales: [Int]
    /// The squares that are cut out of every scaled image.
    public let squares: [SquarePosition]
    /// The parts that are cut out of every square.
    public let views: [View]
    /// Whether each view is followed by its mirror image.
    public let isMirrored: Bool

    /// A part of a square.
    public enum View: Sendable, CaseIterable {
        /// A corner or the center, at its own size.
        case upperLeft, upperRight, lowerLeft, lowerRight, center
        /// The whole square, scaled to the size of the others.
        case whole
    }

    private init(side: Int, scales: [Int], squares: [SquarePosition], views: [View], isMirrored: Bool) {
        for scale in scales { requireSize(scale, scale) }
        guard side > 0, !scales.isEmpty, scales.allSatisfy({ $0 >= side }) else {
            stop("views of \(side)x\(side) pixels cannot be cut out of images scaled to \(scales)")
        }
        self.side = side
        self.scales = scales
        self.squares = squares
        self.views = views
        self.isMirrored = isMirrored
    }

    /// One view: the center of the center square.
    ///
    /// - Parameters:
    ///   - side: height and width of the view, in pixels.
    ///   - scale: the shorter side that the image is scaled to, in pixels.
    public static func center(side: Int = 224, scale: Int = 256) -> TestTimeCrops {
        TestTimeCrops(side: side, scales: [scale], squares: [.center], views: [.center], isMirrored: false)
    }

    /// Ten views: corners and center of the center square, also mirrored (Krizhevsky et al., 2012).
    ///
    /// - Parameters:
    ///   - side: height and width of every view, in pixels.
    ///   - scale: the shorter side that the image is scaled to, in pixels.
    public static func ten(side: Int = 224, scale: Int = 256) -> TestTimeCrops {
        TestTimeCrops(
            side: side, scales: [scale], squares: [.center], views: View.allCases.filter { $0 != .whole },
            isMirrored: true)
    }

    /// The paper's views: 144 with its four scales.
    ///
    /// - Parameters:
    ///   - side: height and width of every view, in pixels.
    ///   - scales: shorter sides that the image is scaled to, in pixels.
    public static func paper(side: Int = 224, scales: [Int] = [256, 288, 320, 352]) -> TestTimeCrops {
        TestTimeCrops(
            side: side, scales: scales, squares: SquarePosition.allCases, views: View.allCases, isMirrored: true)
    }

    /// Number of views.
    public var count: Int { scales.count * squares.count * views.count * (isMirrored ? 2 : 1) }

    /// The views by scale, then by square, then by part of the square, each followed by its mirror image.
    public func crops(of image: Image) -> [Image] {
        var crops: [Image] = []
        crops.reserveCapacity(count)
        for scale in scales {
            for position in squares {
                let square = image.square(position, side: scale)
                for view in views {
                    let crop = crop(view, of: square)
                    crops.append(crop)
                    if isMirrored { crops.append(crop.mirrored()) }
                }
            }
        }
        return crops
    }

    private func crop(_ view: View, of square: Image) -> Image {
        let last = square.height - side
        let (top, left) =
            switch view {
            case .upperLeft: (0, 0)
            case .upperRight: (0, last)
            case .lowerLeft: (last, 0)
            case .lowerRight: (last, last)
            case .center: (last / 2, last / 2)
            case .whole: (0, 0)
            }
        guard view != .whole else { return square.resized(width: side, height: side, interpolation: .area) }
        return square.cropped(rows: top..<top + side, columns: left..<left + side)
    }
}

extension Model {
    /// The first output for each image, averaged over its views (``TestTimeCrops/crops(of:)``): `[images, classes]`.
    ///
    /// All views are in memory at once, 602 kB each at 224x224.
    ///
    /// - Parameters:
    ///   - views: of each image; all images have equally many, all of one size.
    ///   - preprocessor: applied to every view.
    ///   - batchSize: views that are computed together.
    /// - Throws: ``PreprocessingError``, or `TrainingError`.
    public func predict(views: [[Image]], preprocessor: some FixedPreprocessor, batchSize: Int) throws -> Tensor {
        let (count, shape) = (views.first?.count ?? 0, views.first?.first?.shape ?? [0, 0, 3])
        var scalars: [Float] = []
        scalars.reserveCapacity(views.count * count * shape.count)
        guard views.allSatisfy({ $0.count == count && $0.allSatisfy { $0.shape == shape } }) else {
            throw PreprocessingError.differentViews
        }
        for view in views.joined() { scalars += try preprocessor.preprocess(Tensor(view)).scalars }
        let all = Tensor(shape: shape.batched(views.count * count), scalars: scalars)
        let predictions = try predict(all, batchSize: batchSize)
        let means = views.indices.map { predictions[rows: $0 * count..<($0 + 1) * count].meanOfRows() }
        return Tensor(shape: predictions.shape.sample.batched(views.count), scalars: means.flatMap(\.scalars))
    }
}
