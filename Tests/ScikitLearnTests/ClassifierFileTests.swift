import FixtureSupport
import Foundation
import HDF5
@testable import ScikitLearn
import System
import Tensors
import Testing

@Suite final class ClassifierFileTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    private let x = hashUniform("file/x", shape: [30, 3], -1, 1)
    private var path: String { "\(folder)/classifier.hdf5" }

    init() throws { try WholeFile.makeFolder(folder) }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func fitted(classes: Int = 3) throws -> LogisticRegression {
        var classifier = LogisticRegression(c: 12.5, solver: .liblinear, tolerance: 1e-3, maxIterations: 77)
        try classifier.fit(x, (0..<30).map { $0 % classes * 10 - 4 })
        return classifier
    }

    @Test func whatIsWrittenIsRead() throws {
        for classes in [2, 3] {
            for names in [nil, (0..<classes).map { "Blume \($0) é" }] {
                for solver in LogisticRegression.Solver.allCases {
                    var classifier = try fitted(classes: classes)
                    classifier.solver = solver
                    classifier.classNames = names
                    try classifier.save(path)
                    let read = try LogisticRegression.load(path)
                    #expect(try read.predictProba(x) == classifier.predictProba(x))
                    classifier.iterations = []
                    #expect(read == classifier)
                }
            }
        }
    }

    @Test func classifiersThatCannotBeWrittenThrow() throws {
        #expect(throws: LogisticRegressionError.notFitted) { try LogisticRegression().save(path) }
        var classifier = try fitted()
        classifier.classNames = ["a", "b"]
        #expect(throws: LogisticRegressionError.differentNameCount(names: 2, classes: 3)) {
            try classifier.save(path)
        }
        #expect(!FileSystem.exists(path))
        classifier.classNames = nil
        #expect(throws: FileError.self) { try classifier.save(folder) }
    }

    private func refusal(_ change: (HDF5Group) throws -> Void) throws -> String {
        try fitted().save(path)
        let file = try HDF5File(updating: path)
        try change(file.root)
        try file.close()
        do {
            _ = try LogisticRegression.load(path)
            return ""
        } catch { return "\(error)" }
    }

    @Test func otherFilesAreRefusedInOneLine() throws {
        #expect(throws: HDF5Error.notFound(path)) { try LogisticRegression.load(path) }
        try Data("text".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: HDF5Error.notHDF5(path)) { try LogisticRegression.load(path) }
        try HDF5File(creating: path).close()
        do {
            _ = try LogisticRegression.load(path)
            Issue.record("an empty file was read")
        } catch {
            #expect(
                "\(error)" == "\(path): not a file of a logistic regression (its attribute estimator is not "
                    + "LogisticRegression): give a file that LogisticRegression.save wrote")
        }
    }

    @Test func damagedFilesAreRefused() throws {
        #expect(try refusal { _ in } == "")
        for (part, change) in [
            ("its attribute estimator", { try $0.attributes.set("estimator", "SVC") }),
            ("its solver \"saga\" is not known", { try $0.attributes.set("solver", "saga") }),
            ("no positive number C", { try $0.attributes.set("C", -1.0) }),
            ("no positive number tol", { try $0.attributes.set("tol", Double.nan) }),
            ("its max_iter is not a whole number", { try $0.attributes.set("max_iter", 1.5) }),
            ("not two or more in ascending order", { try $0.dataset("classes").write([1, 1, 2]) }),
            ("infinite or not a number", { try $0.dataset("coef").write([Double](repeating: .nan, count: 9)) }),
            ("infinite or not a number", { try $0.dataset("intercept").write([0, Double.infinity, 0]) }),
            ("2 names for 3 classes", { try $0.createStrings("class_names", ["a", "b"]) }),
        ] as [(String, (HDF5Group) throws -> Void)] {
            let message = try refusal(change)
            #expect(message.contains(part) && message.hasPrefix(path) && !message.contains("\n"), "\(part)")
        }
    }

    /// Parts of other shapes, or none.
    @Test func partsThatDoNotFitAreRefused() throws {
        func message(coefficients: [Int]?, intercepts: Int?, classes: [Int]?) throws -> String {
            let file = try HDF5File(creating: path), root = file.root
            try root.attributes.set("estimator", "LogisticRegression")
            try root.attributes.set("solver", "lbfgs")
            for (name, value) in [("C", 1.0), ("tol", 1e-4), ("max_iter", 100)] {
                try root.attributes.set(name, value)
            }
            if let coefficients { _ = try root.createDataset("coef", shape: coefficients, type: .float64) }
            if let intercepts { _ = try root.createDataset("intercept", shape: [intercepts], type: .float64) }
            if let classes { try root.createDataset("classes", shape: [classes.count], type: .int64).write(classes) }
            try file.close()
            do {
                _ = try LogisticRegression.load(path)
                return ""
            } catch { return "\(error)" }
        }
        #expect(try message(coefficients: [3, 2], intercepts: 3, classes: [0, 1, 2]) == "")
        #expect(try message(coefficients: nil, intercepts: 3, classes: [0, 1, 2]).contains("no dataset coef"))
        #expect(try message(coefficients: [3, 2], intercepts: nil, classes: [0, 1]).contains("no dataset intercept"))
        #expect(try message(coefficients: [3, 2], intercepts: 3, classes: nil).contains("no dataset classes"))
        #expect(try message(coefficients: [1, 2], intercepts: 1, classes: [0]).contains("not two or more"))
        for shape in [[2, 2], [3], [3, 0], [3, 2, 1]] {
            #expect(
                try message(coefficients: shape, intercepts: 3, classes: [0, 1, 2])
                    .contains("3 classes do not go with coefficients of shape \(shape) and 3 intercepts"))
        }
        #expect(try message(coefficients: [3, 2], intercepts: 2, classes: [0, 1, 2]).contains("and 2 intercepts"))
    }
}
