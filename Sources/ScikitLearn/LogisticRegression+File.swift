import Foundation
import HDF5
import System

/// The names in a classifier's file.
private enum ClassifierFile {
    static let estimator = "estimator", name = "LogisticRegression"
    static let solver = "solver", c = "C", tolerance = "tol", maxIterations = "max_iter"
    static let coefficients = "coef", intercepts = "intercept", classes = "classes", classNames = "class_names"
}

extension LogisticRegression {
    /// Writes the classifier to an HDF5 file, which appears whole or not at all. A file there is replaced.
    ///
    /// The names are scikit-learn's: the datasets `coef` `[rows, features]` and `intercept` `[rows]`, float64, `classes`,
    /// int64, and `class_names`, if known; the attributes `estimator`, `solver`, `C`, `tol` and `max_iter`.
    ///
    /// - Throws: ``LogisticRegressionError`` before `fit`, or unless each class has one name; `FileError` if the file
    ///   cannot be written; `HDF5Error` for a name with a NUL character.
    public func save(_ path: String) throws {
        guard let features = coefficients.first?.count else { throw LogisticRegressionError.notFitted }
        if let classNames, classNames.count != classes.count {
            throw LogisticRegressionError.differentNameCount(names: classNames.count, classes: classes.count)
        }
        let file = try HDF5File(inMemory: path), root = file.root
        try root.attributes.set(ClassifierFile.estimator, ClassifierFile.name)
        try root.attributes.set(ClassifierFile.solver, solver.rawValue)
        try root.attributes.set(ClassifierFile.c, c)
        try root.attributes.set(ClassifierFile.tolerance, tolerance)
        try root.attributes.set(ClassifierFile.maxIterations, maxIterations)
        try root.createDataset(
            ClassifierFile.coefficients, shape: [coefficients.count, features], type: .float64
        ).write(Array(coefficients.joined()))
        try root.createDataset(ClassifierFile.intercepts, shape: [intercepts.count], type: .float64).write(intercepts)
        try root.createDataset(ClassifierFile.classes, shape: [classes.count], type: .int64).write(classes)
        if let classNames { try root.createStrings(ClassifierFile.classNames, classNames) }
        let contents = try file.contents()
        try file.close()
        try WholeFile.write(contents, to: path)
    }

    /// Reads a classifier that ``save(_:)`` wrote.
    ///
    /// - Throws: `HDF5Error` for a file that cannot be read, ``LogisticRegressionError`` for one that holds something
    ///   else. The message names the file and what is wrong.
    public static func load(_ path: String) throws -> LogisticRegression {
        let root = try HDF5File(reading: path).root
        func refuse(_ reason: String) -> LogisticRegressionError { .notAClassifier(file: path, reason: reason) }
        func dataset(_ name: String) throws -> HDF5Dataset {
            guard root.contains(name) else { throw refuse("no dataset \(name)") }
            return try root.dataset(name)
        }
        func number(_ name: String) throws -> Double {
            guard let number = try root.attributes.numbers(name)?.first, number > 0, number.isFinite else {
                throw refuse("no positive number \(name)")
            }
            return number
        }

        guard try root.attributes.string(ClassifierFile.estimator) == ClassifierFile.name else {
            throw refuse("its attribute \(ClassifierFile.estimator) is not \(ClassifierFile.name)")
        }
        let solverName = try root.attributes.string(ClassifierFile.solver) ?? ""
        guard let solver = Solver(rawValue: solverName) else {
            throw refuse("its solver \"\(solverName)\" is not known here")
        }
        guard let maxIterations = Int(exactly: try number(ClassifierFile.maxIterations)) else {
            throw refuse("its \(ClassifierFile.maxIterations) is not a whole number")
        }
        var classifier = LogisticRegression(
            c: try number(ClassifierFile.c), solver: solver, tolerance: try number(ClassifierFile.tolerance),
            maxIterations: maxIterations)

        let stored = try dataset(ClassifierFile.coefficients)
        classifier.classes = try dataset(ClassifierFile.classes).read(as: Int.self)
        classifier.intercepts = try dataset(ClassifierFile.intercepts).read(as: Double.self)
        let classCount = classifier.classes.count, rows = classCount == 2 ? 1 : classCount
        guard classCount >= 2, zip(classifier.classes, classifier.classes.dropFirst()).allSatisfy(<) else {
            throw refuse("its classes are not two or more in ascending order")
        }
        guard stored.shape.count == 2, stored.shape[0] == rows, stored.shape[1] > 0,
            classifier.intercepts.count == rows
        else {
            throw refuse(
                "\(classCount) classes do not go with coefficients of shape \(stored.shape) and "
                    + "\(classifier.intercepts.count) intercepts")
        }
        let features = stored.shape[1], coefficients = try stored.read(as: Double.self)
        guard coefficients.allSatisfy(\.isFinite), classifier.intercepts.allSatisfy(\.isFinite) else {
            throw refuse("a coefficient is infinite or not a number")
        }
        classifier.coefficients = (0..<rows).map { Array(coefficients[$0 * features..<($0 + 1) * features]) }
        if root.contains(ClassifierFile.classNames) {
            let names = try root.dataset(ClassifierFile.classNames).readStrings()
            guard names.count == classCount else { throw refuse("\(names.count) names for \(classCount) classes") }
            classifier.classNames = names
        }
        return classifier
    }
}
