import Tensors

/// Turns labels into rows of zeros with a one in the column of their class, as scikit-learn does.
///
/// Two classes share a single column, which is one for the second class; a single class has a column of zeros.
public struct LabelBinarizer<Label: Comparable & Hashable> {
    private var sorted: SortedClasses<Label>?

    public init() {}

    /// The distinct labels in ascending order, strings by code point; empty before `fit`.
    public var classes: [Label] { sorted?.labels ?? [] }

    /// The number of columns of a row.
    private var columns: Int { classes.count > 2 ? classes.count : 1 }

    /// Learns the classes, and forgets earlier ones.
    public mutating func fit(_ labels: [Label]) throws(LabelError) {
        guard !labels.isEmpty else { throw .noLabels }
        sorted = SortedClasses(of: labels)
    }

    /// A row `[columns]` for each label; a label that `fit` has not seen has a row of zeros.
    public func transform(_ labels: [Label]) throws(LabelError) -> Tensor {
        guard let sorted else { throw .notFitted }
        let columns = columns
        var rows = Tensor(shape: [labels.count, columns])
        for (row, label) in labels.enumerated() {
            guard let place = sorted.place(of: label) else { continue }
            if columns > 1 {
                rows.scalars[row * columns + place] = 1
            } else if place == 1 {
                rows.scalars[row] = 1
            }
        }
        return rows
    }

    public mutating func fitTransform(_ labels: [Label]) throws(LabelError) -> Tensor {
        try fit(labels)
        return try transform(labels)
    }

    /// The label of each row, by its first largest column, so that rows may also be a network's predictions. Of two
    /// classes, the second is meant if the last column is above one half: the single one, or the second of a network's two.
    ///
    /// - Throws: ``LabelError`` if nothing is fitted, or the rows have another shape.
    public func inverseTransform(_ rows: Tensor) throws(LabelError) -> [Label] {
        guard let classes = sorted?.labels else { throw .notFitted }
        guard rows.shape.rank == 2, rows.shape[1] == columns || classes.count == 2 && rows.shape[1] == 2 else {
            throw .wrongShape(rows.shape.description, columns: columns)
        }
        let columns = rows.shape[1]
        return (0..<rows.shape[0]).map { row in
            let scores = rows.scalars[row * columns..<(row + 1) * columns]
            guard classes.count > 2 else {
                return classes[classes.count == 2 && scores[scores.endIndex - 1] > 0.5 ? 1 : 0]
            }
            return classes[scores.argmax()]
        }
    }
}

extension LabelBinarizer: Sendable where Label: Sendable {}
