import PyImageSearch
import ScikitLearn
import System
import Tensors

extension GridSearchCV {
    /// Fits to samples of a file of features, as `fit`.
    ///
    /// - Throws: `DatasetError` naming the file, if it does not have the samples for that.
    public mutating func fit(_ x: Tensor, _ y: [Int], of features: FeaturesFile) throws {
        do { try fit(x, y) } catch let error as LogisticRegressionError {
            throw DatasetError("\(features.path): \(error)")
        } catch let error as SplitError { throw DatasetError("\(features.path): \(error)") }
    }
}

extension LogisticRegression {
    /// Reads the classifier of some features.
    ///
    /// - Parameters:
    ///   - path: of its file.
    ///   - features: that it is to predict from.
    /// - Throws: `NotBuiltError` if the file does not exist; `HDF5Error` or `LogisticRegressionError` if it cannot be read;
    ///   `DatasetError` if it was fitted to other features or other classes.
    public static func load(_ path: String, of features: FeaturesFile) throws -> LogisticRegression {
        guard FileSystem.exists(path) else { throw NotBuiltError(missing: path) }
        let classifier = try load(path)
        let count = classifier.coefficients.first?.count ?? 0
        guard count == features.featureCount else {
            throw DatasetError(
                "\(path) was fitted to \(count) features, but \(features.path) has \(features.featureCount): fit it again"
            )
        }
        let names = classifier.classes.map { label in
            features.classNames.indices.contains(label) ? features.classNames[label] : "\(label)"
        }
        if let expected = classifier.classNames, expected != names {
            throw DatasetError("\(path) was fitted to other classes than those of \(features.path): fit it again")
        }
        return classifier
    }
}
