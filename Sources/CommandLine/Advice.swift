import PyImageSearch

/// What to do about an error, where it takes a flag: the rooms below know no flags.
enum Advice {
    /// - Returns: what follows the error's own text; `nil` for most errors.
    static func about(_ error: any Error) -> String? {
        switch error {
        case HDF5DatasetError.exists: "delete it, or allow it with --overwrite"
        case HDF5DatasetError.incomplete: "build again with --overwrite"
        default: nil
        }
    }
}
