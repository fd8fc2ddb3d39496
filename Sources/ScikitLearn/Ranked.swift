import System
import Tensors

/// Rank-1 and rank-5 accuracy: the share of `labels` that have the highest score, and that are among the five highest,
/// in their row of `predictions` `[n, classes]`.
///
/// A label without a row, or of no class, counts as wrong; a row without a label is ignored. The result for no labels
/// is 0.
///
/// The program ends with one line if `predictions` does not have two axes.
public func rank5Accuracy(predictions: Tensor, labels: [Int]) -> (rank1: Double, rank5: Double) {
    guard predictions.shape.rank == 2 else {
        stop("predictions are (samples, classes), not \(predictions.shape)")
    }
    guard !labels.isEmpty else { return (0, 0) }
    let classes = predictions.shape[1]
    var rank1 = 0, rank5 = 0
    for (row, label) in zip(0..<predictions.shape[0], labels) {
        let best = classesByScore(predictions.scalars[row * classes..<(row + 1) * classes]).prefix(5)
        if best.first == label { rank1 += 1 }
        if best.contains(label) { rank5 += 1 }
    }
    return (Double(rank1) / Double(labels.count), Double(rank5) / Double(labels.count))
}

/// The classes from the highest score to the lowest; among equals the highest index comes first.
///
/// This is a stable ascending sort read backwards, so NaN ranks above everything.
func classesByScore(_ scores: ArraySlice<Float>) -> [Int] {
    let scores = Array(scores)
    return scores.indices.sorted { one, other in
        let (a, b) = (scores[one], scores[other])
        if a.isNaN || b.isNaN { return a.isNaN && b.isNaN ? one > other : a.isNaN }
        return a == b ? one > other : a > b
    }
}
