import System

/// Two files whose classes are not the same, or not in the same order; one line that says where they part.
public struct ClassMismatchError: Error, CustomStringConvertible, Equatable {
    public let description: String
}

/// Checks that two files that meet mean the same classes by the same numbers.
///
/// A file that does not name its classes, as the book's own and Keras's, is taken at its word.
///
/// - Parameters:
///   - names: the classes of `file`, in the order of their numbers.
///   - others: those of `otherFile`.
///   - advice: what to do where they differ.
/// - Throws: ``ClassMismatchError`` naming both files, and the first number that they use for different classes.
public func checkSameClasses(
    _ names: [String]?, of file: String, _ others: [String]?, of otherFile: String, advice: String
) throws {
    guard let names, let others, names != others else { return }
    let number = zip(names, others).prefix { $0 == $1 }.count
    func what(_ names: [String]) -> String {
        names.indices.contains(number) ? "\"\(names[number])\"" : "not there, for it has \(names.count) classes"
    }
    throw ClassMismatchError(
        description:
            "\(file) and \(otherFile) are of different classes: class \(number) is \(what(names)) in the one and "
            + "\(what(others)) in the other; \(advice)")
}

extension Model {
    /// Checks that the model, which came out of a file, tells apart the classes of a data set.
    ///
    /// - Parameters:
    ///   - path: of the model's file.
    ///   - classes: how many the data set has; if it does not name them, as many as its labels need.
    ///   - names: in the order of the data set's labels.
    ///   - data: where the data set lies.
    /// - Throws: ``ModelFileError`` for a model that does not give a probability to each of so many classes,
    ///   ``ClassMismatchError`` for one that gives them to other classes.
    public func check(_ path: String, tellsApart classes: Int, named names: [String]?, of data: String) throws {
        let output = layer(named: outputNames[0])?.outputShape ?? []
        guard output.rank == 1 else {
            throw ModelFileError("\(path) gives \(output) for an image, not a list of probabilities: it is another network")
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

    /// Says what the model's outputs stand for; it is saved with the model.
    ///
    /// - Parameters:
    ///   - names: in the order of the outputs; where a data set has none, the model keeps its own.
    ///   - file: where they are from.
    /// - Throws: ``ClassMismatchError`` where the model, which came out of a file, says otherwise.
    public func setClassNames(_ names: [String]?, from file: String) throws {
        try checkSameClasses(
            classNames, of: lastCheckpoint?.path ?? "the model", names, of: file,
            advice: "train on the data set that the model was trained on, or begin a new model in another file")
        classNames = names ?? classNames
    }
}
