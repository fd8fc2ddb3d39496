/// Two files have different classes, or the same classes in another order.
public struct ClassMismatchError: Error, CustomStringConvertible, Equatable {
    /// One line that names both files and the first class number at which they differ.
    public let description: String
}

/// Checks that two files use the same numbers for the same classes.
///
/// If a file does not name its classes, nothing is checked: the book's own data sets and Keras's models have no names.
///
/// - Parameters:
///   - names: the classes of `file`, in the order of their numbers.
///   - file: the first file's name, for the message.
///   - others: the classes of `otherFile`.
///   - otherFile: the second file's name, for the message.
///   - advice: what to do if they differ; ends the message.
/// - Throws: ``ClassMismatchError`` naming both files and the first number that they use for different classes.
public func checkSameClasses(
    _ names: [String]?, of file: String, _ others: [String]?, of otherFile: String, advice: String
) throws {
    guard let names, let others, names != others else { return }
    let number = zip(names, others).prefix { $0 == $1 }.count
    func what(_ names: [String]) -> String {
        names.indices.contains(number) ? "\"\(names[number])\"" : "missing (it has \(names.count) in all)"
    }
    throw ClassMismatchError(
        description:
            "\(file) and \(otherFile) have different classes: class \(number) is \(what(names)) in the first and "
            + "\(what(others)) in the second; \(advice)")
}

extension Model {
    /// Names the classes that the model's outputs stand for; the names are saved with the model.
    ///
    /// - Parameters:
    ///   - names: in the order of the outputs; with `nil` the model keeps the names that it has.
    ///   - file: the data set that they come from, for the message.
    /// - Throws: ``ClassMismatchError`` if the model, loaded from a file, has other names.
    public func setClassNames(_ names: [String]?, from file: String) throws {
        try checkSameClasses(
            classNames, of: lastCheckpoint?.path ?? "the model", names, of: file,
            advice: "train on the data set that the model was trained on, or begin a new model in another file")
        classNames = names ?? classNames
    }
}
