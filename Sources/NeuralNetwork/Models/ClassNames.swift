import System

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
    /// Checks that the model, loaded from a file, distinguishes the classes of a data set.
    ///
    /// - Parameters:
    ///   - path: the model's file, for the message.
    ///   - classes: number of classes of the data set; if it does not name them, as many as its labels need.
    ///   - names: the data set's classes, by label.
    ///   - data: the data set, for the message.
    /// - Throws: ``ModelFileError`` if the model does not return one probability for each class, ``ClassMismatchError``
    ///   if its classes are others.
    public func check(_ path: String, tellsApart classes: Int, named names: [String]?, of data: String) throws {
        let output = outputs[0].shape
        guard output.rank == 1 else {
            throw ModelFileError(
                "\(path) gives \(output) for an image, not a list of probabilities: it is another network")
        }
        guard names == nil ? output.count >= classes : output.count == classes else {
            throw ModelFileError(
                "\(path) tells \(counted(output.count, "class")) apart, not \(classes) as in \(data): it was trained on another "
                    + "data set, or on another number of its classes")
        }
        let advice = "the model was trained on other classes than those of \(data); test it on its own data set"
        try checkSameClasses(classNames, of: path, names, of: data, advice: advice)
        // Files that do not hold the names may hold their checksum.
        if let sum = state.settings["class_names"]?.string, let names, classNames == nil, sum != md5(ofNames: names) {
            throw ModelFileError("\(path): \(advice)")
        }
    }

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
