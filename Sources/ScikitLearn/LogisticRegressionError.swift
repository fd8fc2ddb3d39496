import System

/// Why a classifier cannot be fitted, cannot predict, or cannot be saved or loaded.
public enum LogisticRegressionError: Error, Equatable, CustomStringConvertible {
    /// Features are (samples, features), with at least one feature.
    case invalidShape(String)
    case differentLengths(samples: Int, labels: Int)
    case noSamples
    /// All samples have this label.
    case oneClass(Int)
    /// All samples outside of this fold of a search, counted from 1, have this label.
    case oneClassInFold(Int, fold: Int)
    /// A feature that is infinite or NaN, at zero-based indices.
    case notFinite(sample: Int, feature: Int)
    /// The inverse of the regularization strength is positive and finite.
    case invalidC(Double)
    case invalidTolerance(Double)
    case invalidIterations(Int)
    /// The features do not fit into memory in the form that the solver needs.
    case tooLarge(bytes: Int)
    /// liblinear and libLBFGS count with 32 bits.
    case tooMany(samples: Int, features: Int)
    /// Features and C are so large that the derivatives, or the coefficients, overflow.
    case overflow
    /// The library refused; its own words.
    case refused(library: String, reason: String)
    /// `fit` has not been called.
    case notFitted
    /// The samples have another number of features than those that `fit` has seen.
    case differentFeatures(Int, expected: Int)
    /// A search needs values to try.
    case noGrid
    /// The classifier needs one name for each of its classes.
    case differentNameCount(names: Int, classes: Int)
    /// The file holds something else.
    case notAClassifier(file: String, reason: String)

    /// One line that says what is wrong and what to do.
    public var description: String {
        switch self {
        case .invalidShape(let shape):
            "Features have the shape (samples, features) with at least one feature, not \(shape): flatten them"
        case .differentLengths(let samples, let labels):
            "\(samples) samples, but \(labels) labels: give every sample one label"
        case .noSamples: "There are no samples to learn from: give two at least, of different classes"
        case .oneClass(let label):
            "All samples have the label \(label): a classifier needs samples of two classes or more"
        case .oneClassInFold(let label, let fold):
            "Without its test samples, fold \(fold) of the search leaves only samples with the label \(label): give more "
                + "samples of the other classes"
        case .notFinite(let sample, let feature):
            "Feature \(feature) of sample \(sample) is infinite or not a number: leave the sample out, or repair it"
        case .invalidC(let c): "C is \(c), and must be above 0 and finite: smaller values regularize more"
        case .invalidTolerance(let tolerance): "The tolerance is \(tolerance), and must be above 0 and finite"
        case .invalidIterations(let count): "\(count) iterations are not enough: allow one at least"
        case .tooLarge(let bytes):
            "The solver needs \(FreeMemory.description(of: bytes)) of memory for the features, and only "
                + "\(FreeMemory.description(of: FreeMemory.bytes())) are free: use fewer samples or features"
        case .tooMany(let samples, let features):
            "\(samples) samples with \(features) features are more than the solvers can count: use fewer"
        case .overflow:
            "The features or C are so large that numbers overflow: scale the features to about 1, or lower C"
        case .refused(let library, let reason): "\(library) refuses: \(reason)"
        case .notFitted: "The classifier knows no classes yet: call fit first, or load a file"
        case .differentFeatures(let features, let expected):
            "The samples have \(features) features, but the classifier was fitted to \(expected): "
                + "extract them with the same network"
        case .noGrid: "There are no values of C to try: give one at least"
        case .differentNameCount(let names, let classes):
            "\(names) class names for \(classes) classes: give each class one name"
        case .notAClassifier(let file, let reason):
            "\(file): not a file of a logistic regression (\(reason)): give a file that LogisticRegression.save wrote"
        }
    }
}
