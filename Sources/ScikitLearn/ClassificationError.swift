/// Why predictions cannot be evaluated.
public enum ClassificationError: Error, Equatable, CustomStringConvertible {
    case differentLengths(truth: Int, predictions: Int)
    case noSamples
    case noClasses
    /// A label of `truth` or `predictions` has no class, at the zero-based `index`.
    case labelOutOfRange(label: Int, index: Int, classes: Int)
    /// The report needs one name for each of its `labels`.
    case differentNameCount(names: Int, labels: Int)
    case invalidDigits(Int)

    public var description: String {
        switch self {
        case .differentLengths(let truth, let predictions): "\(truth) true labels, but \(predictions) predictions"
        case .noSamples: "There are no samples to evaluate"
        case .noClasses: "There are no classes to evaluate"
        case .labelOutOfRange(let label, let index, let classes):
            "Label \(label) of sample \(index) is not among the \(classes) classes"
        case .differentNameCount(let names, let labels): "\(names) class names for \(labels) labels"
        case .invalidDigits(let digits): "A number cannot be printed with \(digits) decimals"
        }
    }
}

/// Throws unless there are as many predictions as true labels, and at least one.
func checkPairs(truth: [Int], predictions: [Int]) throws(ClassificationError) {
    guard truth.count == predictions.count else {
        throw .differentLengths(truth: truth.count, predictions: predictions.count)
    }
    guard !truth.isEmpty else { throw .noSamples }
}

/// Throws unless every label is below `classes`.
func checkLabels(_ labels: [Int], classes: Int) throws(ClassificationError) {
    guard let index = labels.firstIndex(where: { $0 < 0 || $0 >= classes }) else { return }
    throw .labelOutOfRange(label: labels[index], index: index, classes: classes)
}
