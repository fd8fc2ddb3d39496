import Tensors

/// Labels as one-hot rows, as scikit-learn's `LabelBinarizer`: a column for each class, classes in ascending order,
/// but a single column of 0 and 1 where there are two. A label that was never seen gives a row of zeros.
public struct LabelBinarizer<Label: LabelType>: Sendable {
    public private(set) var classes: [Label] = []

    public init() {}

    /// Learns the classes of `labels`.
    public mutating func fit(_ labels: [Label]) { classes = Label.sortedClasses(labels) }

    public mutating func fitTransform(_ labels: [Label]) -> Tensor {
        fit(labels)
        return transform(labels)
    }

    /// - Returns: `[labels, classes]`, or `[labels, 1]` for two classes.
    public func transform(_ labels: [Label]) -> Tensor {
        let positions = Dictionary(uniqueKeysWithValues: zip(classes, classes.indices))
        let columns = classes.count == 2 ? 1 : classes.count
        var rows = Tensor(repeating: 0, shape: [labels.count, columns])
        for (row, label) in labels.enumerated() {
            guard let position = positions[label] else { continue }
            if classes.count == 2 {
                rows.scalars[row] = Float(position)
            } else {
                rows.scalars[row * columns + position] = 1
            }
        }
        return rows
    }

    /// The label of each row: that of its largest element, or of a half or more where there is one column.
    public func inverseTransform(_ rows: Tensor) -> [Label] {
        let columns = rows.shape[1]
        return (0..<rows.shape[0]).map { row in
            let values = rows.scalars[row * columns..<(row + 1) * columns]
            if classes.count == 2 { return classes[(values.first ?? 0) >= 0.5 ? 1 : 0] }
            let best = values.indices.max { values[$0] < values[$1] } ?? values.startIndex
            return classes[best - values.startIndex]
        }
    }
}
