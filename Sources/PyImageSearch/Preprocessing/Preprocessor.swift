import Imaging
import System
import Tensors

/// A step from a stored image to the input of a network.
///
/// Steps pass on tensors `[height, width, channels]` of 32-bit floats, red first. In the book the arrays hold bytes
/// until some step makes floats of them; here they are floats from the start, which data sets deliver, means need and
/// networks take. Rounding matters when data sets are built from files: the steps that only resize and crop also take
/// an `Image`, and round its bytes as OpenCV does.
public protocol Preprocessor: Sendable {
    /// The image after this step.
    ///
    /// - Parameters:
    ///   - image: `[height, width, channels]`.
    ///   - random: the random numbers of this sample in this epoch, of purpose `.preprocessing`; few steps use them.
    /// - Throws: ``PreprocessingError`` if this is not an image of the expected kind.
    func preprocess(_ image: Tensor, random: RandomStream) throws -> Tensor
}

/// A step that uses no random numbers.
public protocol FixedPreprocessor: Preprocessor {
    /// The image after this step.
    ///
    /// - Parameter image: `[height, width, channels]`.
    /// - Throws: ``PreprocessingError`` if this is not an image of the expected kind.
    func preprocess(_ image: Tensor) throws -> Tensor
}

extension FixedPreprocessor {
    /// Ignores the random numbers.
    public func preprocess(_ image: Tensor, random: RandomStream) throws -> Tensor { try preprocess(image) }
}

/// A step that only resizes or cuts, and so takes an `Image` of bytes as well as floats.
public protocol PicturePreprocessor: FixedPreprocessor {
    /// The image after this step.
    ///
    /// - Parameter image: `[height, width, channels]`.
    /// - Throws: ``PreprocessingError`` if this is not an image of the expected kind.
    func preprocess<Picture: Pixels>(_ image: Picture) throws -> Picture
}

extension Sequence<any Preprocessor> {
    /// Applies one step after the other.
    ///
    /// - Throws: the first error of a step.
    public func preprocess(_ image: Tensor, random: RandomStream) throws -> Tensor {
        try reduce(image) { try $1.preprocess($0, random: random) }
    }
}

/// An image that cannot be preprocessed.
public enum PreprocessingError: Error, Equatable, CustomStringConvertible {
    /// The shape is not `[height, width, channels]`, or has no pixels.
    case notAnImage(Shape)
    /// The image has another number of channels.
    case differentChannels(expected: Int, Shape)
    /// The image is smaller than the part to be cut out.
    case tooSmall(width: Int, height: Int, Shape)
    /// With its shorter side scaled to fit, the longer one would exceed `Image.largestSide`.
    case tooLong(Shape)
    /// Views that are predicted together have one shape.
    case differentViews(Shape, Shape)

    /// One line with the shape.
    public var description: String {
        switch self {
        case .notAnImage(let shape): "An image has the shape (height, width, channels), not \(shape)"
        case .differentChannels(let expected, let shape):
            "An image of shape \(shape) does not have \(expected) channels"
        case .tooSmall(let width, let height, let shape):
            "\(width)x\(height) pixels cannot be cut out of an image of shape (height, width, channels) = \(shape); "
                + "resize it first"
        case .tooLong(let shape): "An image of shape \(shape) is too long for its width; cut it first"
        case .differentViews(let one, let other):
            "Views of shape \(one) and \(other) cannot be predicted together; give all images as many channels"
        }
    }
}

/// Ends the program with one line if this is not a possible size of an image.
func requireSize(_ width: Int, _ height: Int) {
    let sides = 1...Image.largestSide
    guard sides.contains(width), sides.contains(height) else {
        stop("an image cannot have \(width)x\(height) pixels: its sides are from 1 to \(sides.upperBound)")
    }
}

/// - Throws: `notAnImage`.
func checkImage(_ shape: Shape) throws(PreprocessingError) {
    guard shape.rank == 3, shape.count > 0 else { throw .notAnImage(shape) }
}
