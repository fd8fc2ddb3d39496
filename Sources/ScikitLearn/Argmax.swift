import System
import Tensors

/// The class with the highest score in every row of `[samples, classes]`, as NumPy's `argmax`: among equals the first, and
/// the first NaN if there is one.
public func argmax(_ predictions: Tensor) -> [Int] {
    guard predictions.shape.rank == 2 else {
        stop("predictions are (samples, classes), not \(predictions.shape)")
    }
    let classes = predictions.shape[1]
    return (0..<predictions.shape[0]).map { row in
        predictions.scalars[row * classes..<(row + 1) * classes].argmax()
    }
}
