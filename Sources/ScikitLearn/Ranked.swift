import System
import Tensors

/// Shares of `labels` that are the best, and among the five best, of their row of `predictions` `[n, classes]`.
///
/// Labels without a row, as labels that are no class, count as wrong; rows without a label are ignored. No labels
/// at all give 0.
///
/// The program ends with one line where `predictions` does not have two axes.
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
/// That is a stable ascending sort read backwards, also in that NaN is above everything.
func classesByScore(_ scores: ArraySlice<Float>) -> [Int] {
    let scores = Array(scores)
    return scores.indices.sorted { one, other in
        let (a, b) = (scores[one], scores[other])
        if a.isNaN || b.isNaN { return a.isNaN && b.isNaN ? one > other : a.isNaN }
        return a == b ? one > other : a > b
    }
}
