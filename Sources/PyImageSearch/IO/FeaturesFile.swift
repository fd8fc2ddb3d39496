import HDF5
import System
import Tensors

/// The features of pictures that a network computed, with their labels: the HDF5 file that the book's `extract_features.py`
/// writes and `train_model.py` reads.
///
/// It holds `features` `[samples, features]`, `labels` `[samples]` and `label_names` `[classes]`.
public struct FeaturesFile {
    /// The file.
    public let path: String
    /// The class of each sample, in the file's order.
    public let labels: [Int]
    /// The names of the classes, by label.
    public let classNames: [String]
    /// Number of features of a sample.
    public var featureCount: Int { features.shape[1] }
    private let database: HDF5File
    private let features: HDF5Dataset

    /// The name of the features in the file.
    public static let dataKey = "features"

    /// Opens the file and reads its labels.
    ///
    /// - Throws: ``NotBuiltError`` if the file does not exist; ``DatasetError`` if shapes or labels do not fit, `HDF5Error` if it
    ///   cannot be read; each names the file.
    public init(_ path: String) throws {
        guard FileSystem.exists(path) else { throw NotBuiltError(missing: path) }
        self.path = path
        database = try HDF5File(reading: path)
        for name in [Self.dataKey, "labels", "label_names"] where !database.root.contains(name) {
            throw DatasetError(
                "\(path) has no \(name), and is not a file of features with their labels: extract them again")
        }
        features = try database.root.dataset(Self.dataKey)
        guard features.shape.count == 2, Shape(features.shape).isCountable, features.shape.allSatisfy({ $0 > 0 }) else {
            throw DatasetError("\(path): \(Self.dataKey) has the shape \(features.shape), not (samples, features)")
        }
        let stored = try database.root.dataset("labels")
        guard stored.shape == [features.shape[0]] else {
            throw DatasetError(
                "\(path) has features of \(features.shape[0]) samples, but labels of shape \(stored.shape): extract them again"
            )
        }
        labels = try stored.readLabels(path)
        classNames = try database.root.dataset("label_names").readStrings()
        if let stray = labels.first(where: { !classNames.indices.contains($0) }) {
            throw DatasetError("\(path) has the label \(stray), but names \(classNames.count) classes")
        }
    }

    /// The features of some samples, `[rows, features]`.
    ///
    /// - Throws: ``DatasetError`` naming a sample whose features are not finite; `HDF5Error` if they cannot be read, or do not
    ///   fit into the memory.
    public func features(rows: Range<Int>) throws -> Tensor {
        let scalars = try features.read(as: Float.self, rows: rows)
        if let place = scalars.firstIndexThatIsNotFinite {
            throw DatasetError(
                "\(path): the features of sample \(rows.lowerBound + place / featureCount), counted from 0, hold an infinity or "
                    + "a NaN: extract them again")
        }
        return Tensor(shape: [rows.count, featureCount], scalars: scalars)
    }

    /// Where the test samples begin: the book trains on the first three quarters, which `extract_features` has shuffled.
    public var testStart: Int { Int(Double(labels.count) * 0.75) }

    // MARK: - Where the features come from

    /// What computed the features, and of what: attributes of the file, which the book's files do not have.
    public struct Origin: Sendable, Equatable {
        /// The name of the data set.
        public var dataset: String
        /// The network.
        public var body: String
        /// `nil` if it was not measured.
        public var imagesPerSecond: Double?

        /// - Parameters:
        ///   - dataset: the name of the data set.
        ///   - body: the network.
        ///   - imagesPerSecond: `nil` if it was not measured.
        public init(dataset: String, body: String, imagesPerSecond: Double? = nil) {
            (self.dataset, self.body, self.imagesPerSecond) = (dataset, body, imagesPerSecond)
        }
    }

    /// Where the features come from; `unknown` for files that do not say, such as the book's.
    ///
    /// - Throws: `HDF5Error`.
    public func origin() throws -> Origin {
        let attributes = database.root.attributes
        return Origin(
            dataset: try attributes.string("dataset") ?? "unknown", body: try attributes.string("body") ?? "unknown",
            imagesPerSecond: try attributes.numbers("images_per_second")?.first)
    }
}
