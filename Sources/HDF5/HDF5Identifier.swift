import CHDF5

/// An identifier of a group or dataset that lives as long as its Swift owner. Short-lived identifiers (types, spaces,
/// property lists, attributes) are closed by a `defer` in the function that opens them.
final class HDF5Identifier: Sendable {
    let value: hid_t

    init(_ value: hid_t) {
        self.value = value
    }

    deinit {
        HDF5Library.locked {
            // Closing the file closes all that was opened in it; libhdf5 does not give an identifier out twice.
            if H5Iis_valid(value) > 0 { H5Idec_ref(value) }
        }
    }
}

/// What groups, datasets and attributes have in common: an open object and where it comes from.
struct OpenObject: Sendable {
    let file: HDF5File
    let identifier: HDF5Identifier
    /// Absolute path inside the file.
    let path: String

    var filePath: String { file.path }

    /// Runs `body` under the library's lock with the identifier, which stays open throughout.
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
