import NeuralNetwork
import PyImageSearch
import System

/// Where training images come from: what a run record says of them.
public protocol TrainingSet {
    /// In the order of the labels, where they are known.
    var classNames: [String]? { get }
    var classes: Int { get }
    /// What messages call it: a file, or the data set's name.
    var origin: String { get }
    /// MD5 of the images as they are stored; `nil` if they are too many to be read for it.
    func checksum() throws -> String?
}

extension HDF5DatasetGenerator: TrainingSet {
    public var origin: String { path }

    /// Bytes of the largest file that is read for its checksum, some minutes' worth. ImageNet's takes a quarter of a
    /// terabyte.
    private static var largest: Int { 1 << 34 }

    public func checksum() throws -> String? {
        FileSystem.size(of: path).map { $0 <= Self.largest } ?? true ? try md5(ofFile: path, verbose: true) : nil
    }
}
