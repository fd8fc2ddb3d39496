import Imaging
import System
import Tensors

/// A step between an image as it is stored and the input of a network.
///
/// What goes from step to step is a tensor `[height, width, channels]` of 32-bit floats, red first. The book's arrays
/// hold bytes until some step makes them floats; here that is done once, in the beginning, since floats are what data
/// sets hand out, what a subtracted mean needs and what networks take. Where data sets are built, from files, rounding
/// matters: the steps that only resize and cut take an `Image` too and round its bytes as OpenCV does.
public protocol Preprocessor: Sendable {
    /// - Parameter random: the numbers of this sample in this epoch, of purpose `.preprocessing`; few steps need them.
    /// - Throws: ``PreprocessingError`` where this is no image, or none of the kind that is expected.
    func preprocess(_ image: Tensor, random: RandomStream) throws -> Tensor
}

/// A step that does the same to an image every time.
public protocol FixedPreprocessor: Preprocessor {
    /// - Throws: ``PreprocessingError`` where this is no image, or none of the kind that is expected.
    func preprocess(_ image: Tensor) throws -> Tensor
}

extension FixedPreprocessor {
    public func preprocess(_ image: Tensor, random: RandomStream) throws -> Tensor { try preprocess(image) }
}

extension Sequence<any Preprocessor> {
    /// One step after the other.
    public func preprocess(_ image: Tensor, random: RandomStream) throws -> Tensor {
        try reduce(image) { try $1.preprocess($0, random: random) }
    }
}

/// Why an image cannot be preprocessed.
public enum PreprocessingError: Error, Equatable, CustomStringConvertible {
    /// Not `[height, width, channels]`, or without pixels.
    case notAnImage(Shape)
    case differentChannels(expected: Int, Shape)
    case tooSmall(width: Int, height: Int, Shape)
    /// Scaled until its shorter side fits, the longer one would be beyond `Image.largestSide`.
    case tooLong(Shape)
    /// Views that are predicted together have one shape.
    case differentViews(Shape, Shape)

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

/// Ends the program with one line where this is not a size that an image can have.
func requireSize(_ width: Int, _ height: Int) {
    let sides = 1...Image.largestSide
    guard sides.contains(width), sides.contains(height) else {
        stop("an image cannot have \(width)x\(height) pixels: its sides are from 1 to \(sides.upperBound)")
    }
}

func checkImage(_ shape: Shape) throws(PreprocessingError) {
    guard shape.rank == 3, shape.count > 0 else { throw .notAnImage(shape) }
}
