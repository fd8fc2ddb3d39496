/// An error in an HDF5 file, or in a request to read or write one.
public enum HDF5Error: Error, Equatable, CustomStringConvertible {
    /// There is no file at this path. For a new file: its folder, the associated value, does not exist.
    case notFound(String)
    /// The path leads to a folder.
    case isFolder(String)
    /// The file exists, but is not an HDF5 file.
    case notHDF5(String)
    /// The file has been closed.
    case closed(file: String)
    /// The file has no such group, dataset or attribute.
    case missing(object: String, file: String)
    /// The file already has an object of this name.
    case exists(object: String, file: String)
    /// The request was for a group and the path leads to a dataset, or the other way round.
    case wrongKind(object: String, file: String, expected: String, found: String)
    /// The elements cannot be converted to or from the requested type.
    case wrongType(object: String, file: String, expected: String, found: String)
    /// The shape does not match the request: wrong rank, number of values or range of rows.
    case wrongShape(object: String, file: String, expected: String, found: String)
    /// The file declares more data than it can hold, or the data do not fit into the free memory.
    case tooLarge(object: String, file: String, reason: String)
    /// The data are in another file. Only data in the file itself are read.
    case elsewhere(object: String, file: String, found: String)
    /// The data are stored in a way that this module does not support.
    case unsupported(object: String, file: String, found: String, expected: String)
    /// A name is empty, or a name or a string to write contains a NUL character.
    case invalidString(object: String, file: String)
    /// libhdf5 refused; `message` is the innermost entry of its error stack.
    case library(message: String, doing: String, file: String)

    /// A single line that names the file, and the object in the file if there is one.
    public var description: String {
        switch self {
        case .notFound(let path): "\(path): no such file or folder"
        case .isFolder(let path): "\(path): expected an HDF5 file, found a folder"
        case .notHDF5(let path): "\(path): not an HDF5 file"
        case .closed(let file): "\(file): the file has been closed"
        case .missing(let object, let file): "\(file): no \(object)"
        case .exists(let object, let file): "\(file): \(object) exists already"
        case .wrongKind(let object, let file, let expected, let found),
            .wrongType(let object, let file, let expected, let found),
            .wrongShape(let object, let file, let expected, let found):
            "\(file): \(object): expected \(expected), found \(found)"
        case .tooLarge(let object, let file, let reason): "\(file): \(object): \(reason)"
        case .elsewhere(let object, let file, let found):
            "\(file): \(object): expected data in the file itself, found \(found)"
        case .unsupported(let object, let file, let found, let expected):
            "\(file): \(object): expected \(expected), found \(found), which is not supported"
        case .invalidString(let object, let file): "\(file): \(object): empty name, or a NUL character in a string"
        case .library(let message, let doing, let file): "\(file): cannot \(doing): \(message)"
        }
    }
}
