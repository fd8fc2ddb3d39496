import Imaging
import Tensors

/// The book's name for ten views of an image as it is (Krizhevsky et al., 2012). They are many images made of one, so
/// this is not a ``Preprocessor`` for a chain.
public typealias CropPreprocessor = TestTimeCrops

extension CropPreprocessor {
    /// Upper left, upper right, lower right, lower left, center; then, in the same order, their mirror images.
    ///
    /// The program ends with one line if a size is not from 1 to `Image.largestSide`.
    ///
    /// - Parameters:
    ///   - width, height: of a view, in pixels.
    ///   - horizontal: whether the mirror images are among them: ten views or five.
    ///   - interpolation: for a center that was cut out one pixel too large.
    public init(width: Int, height: Int, horizontal: Bool = true, interpolation: Interpolation = .area) {
        self.init(
            width: width, height: height, scales: nil, squares: [], views: View.allCases.filter { $0 != .whole },
            isMirrored: horizontal, interpolation: interpolation)
    }

    /// The views as a batch, `[views, height, width, channels]`, in the order of ``TestTimeCrops/crops(of:)``.
    ///
    /// - Throws: ``PreprocessingError`` if this is not an image, or is smaller than a view.
    public func preprocess(_ image: Tensor) throws -> Tensor { Tensor(rows: try crops(of: image)) }
}
