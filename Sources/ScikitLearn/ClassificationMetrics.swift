/// Precision, recall and F1 of predictions, as scikit-learn computes them: 0/0 is 0.
public struct ClassificationMetrics: Equatable, Sendable {
    /// The numbers of one class, or their average.
    public struct Scores: Equatable, Sendable {
        public var precision: Double
        public var recall: Double
        public var f1: Double
        /// Samples whose true label this is.
        public var support: Int
    }

    /// In the order of the requested labels.
    public var classes: [Scores]
    /// The share of samples that are predicted right.
    public var accuracy: Double
    /// From counts over all classes together. All three equal ``accuracy`` if every label is requested.
    public var micro: Scores
    /// Plain means over the classes.
    public var macro: Scores
    /// Means over the classes, weighted by support.
    public var weighted: Scores

    /// Evaluates labels `0..<classes`.
    public init(truth: [Int], predictions: [Int], classes: Int) throws(ClassificationError) {
        try checkLabels(truth, classes: classes)
        try checkLabels(predictions, classes: classes)
        try self.init(truth: truth, predictions: predictions, labels: Array(0..<max(0, classes)))
    }

    /// Evaluates only `labels`. A sample of another label counts as a wrong prediction, or not at all.
    public init(truth: [Int], predictions: [Int], labels: [Int]) throws(ClassificationError) {
        try checkPairs(truth: truth, predictions: predictions)
        guard !labels.isEmpty else { throw .noClasses }
        var actual: [Int: Int] = [:], predicted: [Int: Int] = [:], correct: [Int: Int] = [:]
        for (truth, prediction) in zip(truth, predictions) {
            actual[truth, default: 0] += 1
            predicted[prediction, default: 0] += 1
            if truth == prediction { correct[truth, default: 0] += 1 }
        }
        let counts = labels.map { label in
            Counts(
                actual: actual[label, default: 0], predicted: predicted[label, default: 0],
                correct: correct[label, default: 0])
        }
        let scores = counts.map(\.scores)
        let supports = scores.map { Double($0.support) }
        classes = scores
        accuracy = Double(correct.values.reduce(0, +)) / Double(truth.count)
        micro = counts.reduce(into: Counts()) { $0.add($1) }.scores
        macro = Self.average(scores) { pairwiseSum($0) / Double(scores.count) }
        weighted = Self.average(scores) { values in
            ratio(pairwiseSum(zip(values, supports).map { $0 * $1 }), pairwiseSum(supports))
        }
    }

    private static func average(_ scores: [Scores], mean: ([Double]) -> Double) -> Scores {
        Scores(
            precision: mean(scores.map(\.precision)), recall: mean(scores.map(\.recall)), f1: mean(scores.map(\.f1)),
            support: scores.reduce(0) { $0 + $1.support })
    }
}

/// For one class: its samples, the samples predicted as it, and those that are both.
private struct Counts {
    var actual = 0
    var predicted = 0
    var correct = 0

    mutating func add(_ other: Counts) {
        actual += other.actual
        predicted += other.predicted
        correct += other.correct
    }

    var scores: ClassificationMetrics.Scores {
        ClassificationMetrics.Scores(
            precision: ratio(Double(correct), Double(predicted)), recall: ratio(Double(correct), Double(actual)),
            f1: ratio(2 * Double(correct), Double(actual + predicted)), support: actual)
    }
}

private func ratio(_ numerator: Double, _ denominator: Double) -> Double {
    denominator == 0 ? 0 : numerator / denominator
}
