/// Why labels cannot be encoded or decoded.
public enum LabelError: Error, Equatable, CustomStringConvertible {
    /// `fit` has not been called.
    case notFitted
    /// There are no labels to learn classes from.
    case noLabels
    /// A label, as text, that `fit` has not seen.
    case unseen(label: String)
    /// A number of no class.
    case noSuchClass(number: Int, classes: Int)
    /// Rows of this shape do not come from this binarizer.
    case wrongShape(String, columns: Int)

    public var description: String {
        switch self {
        case .notFitted: "No classes are known yet: call fit first"
        case .noLabels: "There are no labels to learn classes from"
        case .unseen(let label): "Label \(label) is not among the labels that fit has learned"
        case .noSuchClass(let number, let classes): "\(number) is not the number of one of the \(classes) classes"
        case .wrongShape(let shape, let columns): "Rows of shape \(shape) do not have \(columns) columns"
        }
    }
}
