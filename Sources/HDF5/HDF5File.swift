import CHDF5
import Foundation

/// An HDF5 file: a tree of groups and datasets, with attributes at each.
///
/// It is closed when neither the file nor anything in it is held any more.
public final class HDF5File {
    public let path: String
    private let handle: Handle

    /// - Throws: ``HDF5Error`` where there is no such file, it is a folder, or not HDF5.
    public convenience init(reading path: String) throws {
        try self.init(opening: path, flags: CHDF5_read_only())
    }

    /// Opens an existing file to change it.
    public convenience init(updating path: String) throws {
        try self.init(opening: path, flags: CHDF5_read_write())
    }

    /// Makes an empty file; one that is there is replaced.
    public init(creating path: String) throws {
        self.path = path
        handle = try Library.locked {
            let id = H5Fcreate(path, CHDF5_truncate(), CHDF5_default(), CHDF5_default())
            guard let handle = Handle(id, close: H5Fclose) else {
                throw HDF5Error.cannotOpen(path, reason: Library.reason())
            }
            return handle
        }
    }

    private init(opening path: String, flags: UInt32) throws {
        self.path = path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw HDF5Error.notFound(path)
        }
        guard !isFolder.boolValue else { throw HDF5Error.isFolder(path) }
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw HDF5Error.cannotOpen(path, reason: "permission denied")
        }
        handle = try Library.locked {
            guard H5Fis_hdf5(path) > 0 else { throw HDF5Error.notHDF5(path) }
            guard let handle = Handle(H5Fopen(path, flags, CHDF5_default()), close: H5Fclose) else {
                throw HDF5Error.cannotOpen(path, reason: Library.reason())
            }
            return handle
        }
    }

    /// The group that everything is in.
    public var root: HDF5Group { HDF5Group(file: self, object: handle, path: "/") }

    /// Writes what is still in memory.
    ///
    /// - Throws: ``HDF5Error`` where the disk does not take it.
    public func flush() throws {
        try Library.locked {
            guard H5Fflush(handle.id, H5F_SCOPE_LOCAL) >= 0 else {
                throw HDF5Error.cannotOpen(path, reason: Library.reason())
            }
        }
    }
}
