import Foundation

/// Precision, recall and F1 of every class, as scikit-learn computes and prints them.
public struct ClassificationReport: Sendable, CustomStringConvertible {
    /// The numbers of a class, or of an average over classes.
    public struct Row: Sendable, Equatable {
        public let name: String
        /// Of what was called this class, the share that is; 0 where nothing was.
        public let precision: Double
        /// Of what is this class, the share that was called so; 0 where there is none.
        public let recall: Double
        public let f1: Double
        /// Number of samples that are of this class.
        public let support: Int
    }

    public let classes: [Row]
    public let accuracy: Double
    /// The mean over classes.
    public let macroAverage: Row
    /// The mean over classes, each weighted with its support.
    public let weightedAverage: Row
    /// Rows are the true classes, columns the predicted ones.
    public let confusionMatrix: [[Int]]

    /// - Throws: ``LabelError`` where there are not as many predictions as true labels, or a label is no class.
    public init(truth: [Int], predictions: [Int], classNames: [String]) throws {
        confusionMatrix = try PyImageSearch.confusionMatrix(
            truth: truth, predictions: predictions, classes: classNames.count)
        let matrix = confusionMatrix
        func share(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
        classes = classNames.indices.map { index in
            let hits = matrix[index][index]
            let support = matrix[index].reduce(0, +)
            let predicted = matrix.reduce(0) { $0 + $1[index] }
            return Row(
                name: classNames[index], precision: share(hits, predicted), recall: share(hits, support),
                f1: share(2 * hits, predicted + support), support: support)
        }
        accuracy = share(matrix.indices.reduce(0) { $0 + matrix[$1][$1] }, truth.count)
        macroAverage = Self.average("macro avg", classes, samples: truth.count) { _ in 1 }
        weightedAverage = Self.average("weighted avg", classes, samples: truth.count) { Double($0.support) }
    }

    private static func average(
        _ name: String, _ rows: [Row], samples: Int, weight: (Row) -> Double
    ) -> Row {
        let total = rows.reduce(0) { $0 + weight($1) }
        func mean(_ value: (Row) -> Double) -> Double {
            total == 0 ? 0 : rows.reduce(0) { $0 + weight($1) * value($1) } / total
        }
        return Row(
            name: name, precision: mean(\.precision), recall: mean(\.recall), f1: mean(\.f1), support: samples)
    }

    public var description: String { text(digits: 2) }

    /// scikit-learn's table, character for character.
    public func text(digits: Int) -> String {
        let width = max((classes.map(\.name) + ["weighted avg"]).map(\.count).max() ?? 0, digits)
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(width - text.count, 0)) + text
        }
        func line(_ name: String, _ cells: [String]) -> String {
            right(name, width) + " " + cells.map { " " + right($0, 9) }.joined() + "\n"
        }
        func number(_ value: Double) -> String { String(format: "%.\(digits)f", value) }
        func line(_ row: Row) -> String {
            line(row.name, [row.precision, row.recall, row.f1].map(number) + [String(row.support)])
        }
        return line("", ["precision", "recall", "f1-score", "support"]) + "\n"
            + classes.map { line($0) }.joined() + "\n"
            + line("accuracy", ["", "", number(accuracy), String(macroAverage.support)])
            + line(macroAverage) + line(weightedAverage)
    }
}

/// scikit-learn's `classification_report`: the table as text.
///
/// - Throws: ``LabelError`` as ``ClassificationReport/init(truth:predictions:classNames:)``.
public func classificationReport(
    truth: [Int], predictions: [Int], targetNames: [String], digits: Int = 2
) throws -> String {
    try ClassificationReport(truth: truth, predictions: predictions, classNames: targetNames).text(digits: digits)
}

/// How often each true class (row) was called each class (column).
///
/// - Throws: ``LabelError`` where there are not as many predictions as true labels, or a label is no class.
public func confusionMatrix(truth: [Int], predictions: [Int], classes: Int) throws -> [[Int]] {
    guard truth.count == predictions.count else {
        throw LabelError("there are \(truth.count) true labels, but \(predictions.count) predictions")
    }
    var matrix = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
    for (actual, predicted) in zip(truth, predictions) {
        guard (0..<classes).contains(actual), (0..<classes).contains(predicted) else {
            throw LabelError(
                "label \((0..<classes).contains(actual) ? predicted : actual) is not among \(classes) classes")
        }
        matrix[actual][predicted] += 1
    }
    return matrix
}
