/// What can go wrong with an HDF5 file, in one line that names the file.
public enum HDF5Error: Error, CustomStringConvertible, Equatable {
    case notFound(String)
    case isFolder(String)
    case notHDF5(String)
    /// The file is HDF5 but cannot be opened, created or flushed.
    case cannotOpen(String, reason: String)
    /// There is no such group, dataset or attribute.
    case missing(String, file: String)
    /// It is there, but of another kind than what was asked for.
    case wrongKind(String, file: String, expected: String)
    /// It is there, but damaged, or the library failed on it.
    case failed(String, file: String, reason: String)

    public var description: String {
        switch self {
        case .notFound(let file): "\(file) does not exist"
        case .isFolder(let file): "\(file) is a folder, not an HDF5 file"
        case .notHDF5(let file): "\(file) is not an HDF5 file"
        case .cannotOpen(let file, let reason): "\(file) cannot be opened: \(reason)"
        case .missing(let object, let file): "\(file) has no \(object)"
        case .wrongKind(let object, let file, let expected): "\(file): \(object) is not \(expected)"
        case .failed(let object, let file, let reason): "\(file): \(object): \(reason)"
        }
    }
}
