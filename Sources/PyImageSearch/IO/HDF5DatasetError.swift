import System

/// An error in building the HDF5 files of a data set.
public enum HDF5DatasetError: Error, Equatable, CustomStringConvertible {
    /// A file exists and must not be replaced.
    case exists(String)
    /// Some files of a data set exist and others do not, as after a build that was killed.
    case incomplete(found: String, missing: String)
    /// The set has no images, or none that can be decoded; `source` is the folder they come from.
    case noImages(set: String, source: String)
    /// None of the training images of the class can be decoded.
    case noTrainingImages(of: String)
    /// An image does not have the sides that all images of the data set have, in pixels.
    case wrongSize(String, width: Int, height: Int, side: Int)
    /// A signal interrupted the build at the images of this set.
    case interrupted(set: String)

    /// One line that names the file, set or class.
    public var description: String {
        switch self {
        case .exists(let path): "\(path) already exists and is not overwritten"
        case .incomplete(let found, let missing):
            "\(found) exists without \(missing): it is left from an interrupted build"
        case .noImages(let set, let source): "\(source) leaves no images for the \(set) set"
        case .noTrainingImages(let name): "none of the training images of \(name) can be decoded"
        case .wrongSize(let path, let width, let height, let side):
            "\(path) has \(width)x\(height) pixels, but the images of this data set have \(side)x\(side)"
        case .interrupted(let set):
            "interrupted at the images of the \(set) set: no file was written or replaced; build again"
        }
    }
}
