/// The share of right predictions, from 0 to 1 (scikit-learn's `accuracy_score`).
///
/// - Throws: ``ClassificationError`` if there are no labels, or not as many predictions.
public func accuracyScore(truth: [Int], predictions: [Int]) throws(ClassificationError) -> Double {
    try checkPairs(truth: truth, predictions: predictions)
    return Double(zip(truth, predictions).count { $0 == $1 }) / Double(truth.count)
}
