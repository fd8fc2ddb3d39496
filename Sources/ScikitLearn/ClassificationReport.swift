import Foundation

/// scikit-learn's text report of predictions against the truth, one row per class, followed by the averages.
///
/// - Parameters:
///   - targetNames: the name of each label: of `0`, `1`, and so on, or of each of `labels`. A class that never occurs
///     still has its row.
///   - labels: the labels to report, if not all. Others may then occur; as soon as one does, the averages over all
///     samples are no longer the accuracy, and that row is called `micro avg`.
///   - digits: the decimals of every score.
public func classificationReport(
    truth: [Int], predictions: [Int], targetNames: [String], labels: [Int]? = nil, digits: Int = 2
) throws(ClassificationError) -> String {
    // A Double has no more than 1074 decimals.
    guard (0...1074).contains(digits) else { throw .invalidDigits(digits) }
    guard !targetNames.isEmpty else { throw .noClasses }
    let metrics: ClassificationMetrics
    if let labels {
        guard labels.count == targetNames.count else {
            throw .differentNameCount(names: targetNames.count, labels: labels.count)
        }
        metrics = try ClassificationMetrics(truth: truth, predictions: predictions, labels: labels)
    } else {
        metrics = try ClassificationMetrics(truth: truth, predictions: predictions, classes: targetNames.count)
    }
    let coversAllLabels = labels.map { Set($0).isSuperset(of: truth + predictions) } ?? true
    let table = ReportTable(targetNames: targetNames, digits: digits, nothingIsRight: metrics.accuracy == 0)

    var lines = [table.header, ""]
    lines += zip(targetNames, metrics.classes).map { table.row($0, $1) }
    lines.append("")
    lines.append(
        coversAllLabels ? table.row("accuracy", f1Only: metrics.micro) : table.row("micro avg", metrics.micro))
    lines.append(table.row("macro avg", metrics.macro))
    lines.append(table.row("weighted avg", metrics.weighted))
    return lines.map { $0 + "\n" }.joined()
}

/// The columns of the report.
private struct ReportTable {
    let nameWidth: Int
    let digits: Int
    let nothingIsRight: Bool

    init(targetNames: [String], digits: Int, nothingIsRight: Bool) {
        let longest = targetNames.map(\.unicodeScalars.count).max() ?? 0
        // scikit-learn's width depends on the digits too.
        nameWidth = max(longest, "weighted avg".count, digits)
        self.digits = digits
        self.nothingIsRight = nothingIsRight
    }

    var header: String { line("", ["precision", "recall", "f1-score", "support"]) }

    func row(_ name: String, _ scores: ClassificationMetrics.Scores) -> String {
        line(name, [number(scores.precision), number(scores.recall), number(scores.f1), count(scores.support)])
    }

    func row(_ name: String, f1Only scores: ClassificationMetrics.Scores) -> String {
        line(name, ["", "", number(scores.f1), count(scores.support)])
    }

    private func line(_ name: String, _ columns: [String]) -> String {
        // Two spaces: one after the name and one before the first column.
        padded(name, to: nameWidth) + " " + columns.map { " " + padded($0, to: 9) }.joined()
    }

    private func number(_ value: Double) -> String { String(format: "%.*f", Int32(digits), value) }

    /// If no sample is predicted right, scikit-learn counts in floating point, and prints 3 as 3.0.
    private func count(_ support: Int) -> String { nothingIsRight ? "\(support).0" : "\(support)" }

    /// Counted in code points as in Python, not in Swift's characters.
    private func padded(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.unicodeScalars.count)) + text
    }
}
