import CHDF5

/// An identifier of a group or dataset that lives as long as its Swift owner. For short-lived identifiers (types,
/// spaces, property lists, attributes) a `defer` is enough, in the function that opens them.
final class HDF5Identifier: Sendable {
    let value: hid_t

    init(_ value: hid_t) {
        self.value = value
    }

    deinit {
        HDF5Library.locked {
            // Closing the file has already closed what was opened in it. libhdf5 does not reuse identifiers.
            if H5Iis_valid(value) > 0 { H5Idec_ref(value) }
        }
    }
}

/// An open object with its file and path, shared by groups, datasets and attributes.
struct OpenObject: Sendable {
    let file: HDF5File
    let identifier: HDF5Identifier
    /// The absolute path inside the file.
    let path: String

    var filePath: String { file.path }

    /// Runs `body` under the library's lock with the identifier, which stays open meanwhile.
    ///
    /// - Throws: `HDF5Error.closed`, and what `body` throws.
    func use<Result>(_ body: (hid_t) throws -> Result) throws -> Result {
        try file.locked {
            guard file.isOpen else { throw HDF5Error.closed(file: filePath) }
            return try withExtendedLifetime(self) { try body(identifier.value) }
        }
    }

    @discardableResult
    func checked<Status: SignedInteger>(_ status: Status, _ doing: String) throws -> Status {
        try HDF5Library.checked(status, doing, file: filePath)
    }
}
