import Tensors

/// How often the true label is the first guess, and how often it is among the first five.
///
/// Classes of equal probability are ranked highest index first. Labels without a prediction count as wrong, as in the
/// book, whose generator leaves out a last partial batch.
///
/// - Parameters:
///   - predictions: `[samples, classes]`.
///   - labels: the true classes; the shares are of these.
public func rank5Accuracy(_ predictions: Tensor, _ labels: [Int]) -> (rank1: Double, rank5: Double) {
    let classes = predictions.shape[1]
    var first = 0, five = 0
    for (row, label) in labels.prefix(predictions.shape[0]).enumerated() {
        guard (0..<classes).contains(label) else { continue }
        let scores = predictions.scalars[row * classes..<(row + 1) * classes]
        let own = scores[scores.startIndex + label]
        // The rank of the label is the number of classes before it.
        var rank = 0
        for (other, score) in scores.enumerated() where score > own || (score == own && other > label) { rank += 1 }
        if rank == 0 { first += 1 }
        if rank < 5 { five += 1 }
    }
    let count = Double(max(labels.count, 1))
    return (Double(first) / count, Double(five) / count)
}

/// The most probable class of every row of `[samples, classes]`; of equals, the first, as NumPy's `argmax`.
public func argmax(_ predictions: Tensor) -> [Int] {
    let classes = predictions.shape[1]
    return (0..<predictions.shape[0]).map { row in
        let scores = predictions.scalars[row * classes..<(row + 1) * classes]
        var best = scores.startIndex
        for i in scores.indices where scores[i] > scores[best] { best = i }
        return best - scores.startIndex
    }
}
