import NeuralNetwork
import PyImageSearch
import System

/// Where training images come from, for the run record.
public protocol TrainingSet {
    /// In the order of the labels, if they are known.
    var classNames: [String]? { get }
    var classes: Int { get }
    /// The name of it in messages: a file, or the data set's name.
    var origin: String { get }
    /// MD5 of the stored images; `nil` if there are too many to read.
    func checksum() throws -> String?
}

extension HDF5DatasetGenerator: TrainingSet {
    public var origin: String { path }

    /// Bytes of the largest file that is read for its checksum, which takes some minutes. ImageNet's has a quarter of a
    /// terabyte.
    private static var largest: Int { 1 << 34 }

    public func checksum() throws -> String? {
        FileSystem.size(of: path).map { $0 <= Self.largest } ?? true ? try md5(ofFile: path, verbose: true) : nil
    }
}
