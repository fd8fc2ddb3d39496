import Imaging
import Tensors

/// Ten views of one image, whose predictions are averaged (Krizhevsky et al., 2012): the corners, the center, and the
/// mirror images of these five. The book's `CropPreprocessor`.
///
/// It makes several images of one, so it is not a ``Preprocessor`` for a chain.
public struct CropPreprocessor: Sendable {
    /// Width of every view, in pixels.
    public let width: Int
    /// Height of every view, in pixels.
    public let height: Int
    /// Whether the mirror images are included: ten views or five.
    public let horizontal: Bool
    /// The method of resizing; OpenCV's `INTER_AREA` by default.
    public let interpolation: Interpolation

    /// The program ends with one line if a size is not from 1 to `Image.largestSide`.
    ///
    /// - Parameters:
    ///   - width: of every view, in pixels.
    ///   - height: of every view, in pixels.
    ///   - horizontal: whether the mirror images are included.
    ///   - interpolation: the method of resizing.
    public init(width: Int, height: Int, horizontal: Bool = true, interpolation: Interpolation = .area) {
        requireSize(width, height)
        self.width = width
        self.height = height
        self.horizontal = horizontal
        self.interpolation = interpolation
    }

    /// The views as a batch, `[10 or 5, height, width, channels]`, in the order of ``crops(of:)``.
    ///
    /// - Throws: ``PreprocessingError`` if this is not an image, or it is smaller than the views.
    public func preprocess(_ image: Tensor) throws -> Tensor {
        let crops = try crops(of: image)
        let shape = Shape([crops.count, height, width, image.shape[2]])
        var scalars: [Float] = []
        scalars.reserveCapacity(shape.count)
        for crop in crops { scalars += crop.scalars }
        return Tensor(shape: shape, scalars: scalars)
    }

    /// The views: upper left, upper right, lower right, lower left, center; then, in the same order, their mirror
    /// images.
    ///
    /// - Throws: ``PreprocessingError`` if this is not an image, or it is smaller than the views.
    public func crops<Picture: Pixels>(of image: Picture) throws -> [Picture] {
        try checkImage(image.shape)
        let (h, w) = (image.shape[0], image.shape[1])
        guard h >= height, w >= width else {
            throw PreprocessingError.tooSmall(width: width, height: height, image.shape)
        }
        let (top, bottom, left, right) = (0..<height, h - height..<h, 0..<width, w - width..<w)
        // If the difference is odd, the center is one pixel too large; it is resized.
        let (dH, dW) = ((h - height) / 2, (w - width) / 2)
        let crops = [(top, left), (top, right), (bottom, right), (bottom, left), (dH..<h - dH, dW..<w - dW)]
            .map {
                image.cropped(rows: $0, columns: $1)
                    .resized(width: width, height: height, interpolation: interpolation)
            }
        return horizontal ? crops + crops.map { $0.mirrored() } : crops
    }
}
