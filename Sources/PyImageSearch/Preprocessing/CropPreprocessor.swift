import Imaging
import Tensors

/// The book's name for ten views of an image at its own size (Krizhevsky et al., 2012). It makes several images of one,
/// so it is not a ``Preprocessor`` for a chain.
public typealias CropPreprocessor = TestTimeCrops

extension CropPreprocessor {
    /// The views: upper left, upper right, lower right, lower left, center; then, in the same order, their mirror
    /// images.
    ///
    /// The program ends with one line if a size is not from 1 to `Image.largestSide`.
    ///
    /// - Parameters:
    ///   - width: of every view, in pixels.
    ///   - height: of every view, in pixels.
    ///   - horizontal: whether the mirror images are included: ten views or five.
    ///   - interpolation: the method of resizing a center that is one pixel too large.
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
