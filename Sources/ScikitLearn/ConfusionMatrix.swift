/// How often each class was predicted as each: `matrix[truth][prediction]`, with `classes` rows and columns.
public func confusionMatrix(
    truth: [Int], predictions: [Int], classes: Int
) throws(ClassificationError) -> [[Int]] {
    guard classes > 0 else { throw .noClasses }
    try checkPairs(truth: truth, predictions: predictions)
    try checkLabels(truth, classes: classes)
    try checkLabels(predictions, classes: classes)
    var matrix = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
    for (actual, predicted) in zip(truth, predictions) { matrix[actual][predicted] += 1 }
    return matrix
}
