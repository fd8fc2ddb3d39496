/// Why labels cannot be encoded or decoded.
public enum LabelError: Error, Equatable, CustomStringConvertible {
    /// `fit` has not been called.
    case notFitted
    /// There is nothing to learn classes from.
    case noLabels
    /// A label, in print, that `fit` has not seen.
    case unseen(label: String)
    /// A number that stands for none of the classes.
    case noSuchClass(number: Int, classes: Int)
    /// Rows of this shape do not come from this binarizer.
    case wrongShape(String, columns: Int)

    public var description: String {
        switch self {
        case .notFitted: "No classes are known yet: fit comes first"
        case .noLabels: "There are no labels to learn classes from"
        case .unseen(let label): "Label \(label) was not among those that the classes were learnt from"
        case .noSuchClass(let number, let classes): "\(number) stands for none of the \(classes) classes"
        case .wrongShape(let shape, let columns): "Rows of shape \(shape) do not have \(columns) columns"
        }
    }
}
