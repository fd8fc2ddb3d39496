import PyImageSearch
import ScikitLearn
import System

extension LogisticRegression {
    /// Reads the classifier of some features.
    ///
    /// - Parameters:
    ///   - path: of its file.
    ///   - features: that it is to predict from.
    /// - Throws: `NotBuiltError` if there is no such file; `HDF5Error` or `LogisticRegressionError` if it cannot be read;
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
