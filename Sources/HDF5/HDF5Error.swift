/// What can be wrong with an HDF5 file or with a request to one. Every description is a single line that names the
/// file, and the object in it where there is one.
public enum HDF5Error: Error, Equatable, CustomStringConvertible {
    /// There is nothing at this path, or (for a new file) no folder to put it in.
    case notFound(String)
    /// The path is that of a folder.
    case isFolder(String)
    /// The file exists, but is not an HDF5 file.
    case notHDF5(String)
    /// The file has been closed.
    case closed(file: String)
    /// The file has no such group, dataset or attribute.
    case missing(object: String, file: String)
    /// The file already has an object of this name.
    case exists(object: String, file: String)
    /// A group was asked for and a dataset found, or the other way round.
    case wrongKind(object: String, file: String, expected: String, found: String)
    /// The elements are of a type that cannot be read as, or written from, what was asked for.
    case wrongType(object: String, file: String, expected: String, found: String)
    /// The shape does not fit the request: rank, number of values, range of rows.
    case wrongShape(object: String, file: String, expected: String, found: String)
    /// The file declares more data than it can possibly hold.
    case tooLarge(object: String, file: String, reason: String)
    /// The data lie in another file; only what a file itself holds is read.
    case elsewhere(object: String, file: String, found: String)
    /// Stored in a way that is not read here.
    case unsupported(object: String, file: String, found: String, expected: String)
    /// A name, or a string to be written, with a NUL character in it, or an empty name.
    case invalidString(object: String, file: String)
    /// libhdf5 refused; `message` is the innermost entry of its error stack.
    case library(message: String, doing: String, file: String)

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
            "\(file): \(object): expected \(expected), found \(found), which is not read here"
        case .invalidString(let object, let file): "\(file): \(object): empty name, or a NUL character in a string"
        case .library(let message, let doing, let file): "\(file): cannot \(doing): \(message)"
        }
    }
}
