import CHDF5
import Foundation
import System

// Sendable because HDF5Library's lock protects `open`.

/// An open HDF5 file.
///
/// Groups and datasets keep their file open as long as they exist, or until ``close()``. Files can be used from any
/// thread; calls wait for each other, because libhdf5 may have been built without thread safety.
public final class HDF5File: @unchecked Sendable {
    /// The path that the file was opened with; for a file in memory, its name.
    public let path: String
    private let identifier: hid_t
    private let rootIdentifier: HDF5Identifier
    /// `path` as a C string, which lives as long as this file.
    private let cPath: UnsafeMutablePointer<CChar>?
    private var open = true
    /// Whether the content may come from another program, and so needs checks.
    let isFromOutside: Bool

    /// Opens an existing file for reading.
    ///
    /// - Throws: ``HDF5Error/notFound(_:)``, ``HDF5Error/isFolder(_:)``, ``HDF5Error/notHDF5(_:)``, or
    ///   ``HDF5Error/library(message:doing:file:)`` for a damaged or unreadable file.
    public convenience init(reading path: String) throws {
        try self.init(path, isFromOutside: true) { access in
            try Self.openExisting(path, CHDF5_read_only(), access)
        }
    }

    /// Creates a file for reading and writing. A file that exists is emptied.
    ///
    /// - Throws: `HDF5Error.notFound` if its folder does not exist, `.isFolder`, or `.library`.
    public convenience init(creating path: String) throws {
        try self.init(path) { access in
            let folder = Path.folder(of: path)
            guard FileSystem.exists(folder) else { throw HDF5Error.notFound(folder) }
            if FileSystem.isFolder(path) { throw HDF5Error.isFolder(path) }
            let file = try HDF5Library.checked(
                path.withPath { H5Fcreate($0, CHDF5_truncate(), CHDF5_default(), access) }, "create the file",
                file: path)
            Self.keepFromChildren(file)
            return file
        }
    }

    /// Creates a file in memory, whose ``contents()`` the caller writes to disk.
    ///
    /// libhdf5 1.10 crashes after a failed write, for example to a full disk. So a file that fits into memory is better
    /// made there.
    ///
    /// - Parameter name: names the file in messages; nothing is written under this name.
    /// - Throws: `HDF5Error.library`.
    public convenience init(inMemory name: String) throws {
        try self.init(name) { access in
            try HDF5Library.checked(H5Pset_fapl_core(access, 1 << 20, false), "make a file in memory", file: name)
            return try HDF5Library.checked(
                H5Fcreate(name, CHDF5_truncate(), CHDF5_default(), access), "make a file in memory", file: name)
        }
    }

    /// The bytes that the file has, or would have, on disk.
    ///
    /// - Throws: `HDF5Error.closed`, or `.library`.
    public func contents() throws -> Data {
        try locked {
            guard open else { throw HDF5Error.closed(file: path) }
            try HDF5Library.checked(H5Fflush(identifier, H5F_SCOPE_GLOBAL), "write the file", file: path)
            let size = try HDF5Library.checked(H5Fget_file_image(identifier, nil, 0), "write the file", file: path)
            var data = Data(count: size)
            _ = try data.withUnsafeMutableBytes {
                try HDF5Library.checked(
                    H5Fget_file_image(identifier, $0.baseAddress, size), "write the file", file: path)
            }
            return data
        }
    }

    /// Opens an existing file for reading and writing.
    ///
    /// - Throws: `HDF5Error.notFound`, `.isFolder`, `.notHDF5`, or `.library` for a damaged or unwritable file.
    public convenience init(updating path: String) throws {
        try self.init(path, isFromOutside: true) { access in
            try Self.openExisting(path, CHDF5_read_write(), access)
        }
    }

    private init(_ path: String, isFromOutside: Bool = false, opening: (hid_t) throws -> hid_t) throws {
        self.path = path
        self.isFromOutside = isFromOutside
        guard !path.utf8.contains(0) else { throw HDF5Error.notFound(path) }
        let cPath = strdup(path)
        var isOpen = false
        defer { if !isOpen { free(cPath) } }
        (identifier, rootIdentifier) = try HDF5Library.locked(cPath) {
            let access = try HDF5Library.checked(
                H5Pcreate(CHDF5_file_access()), "prepare opening the file", file: path)
            defer { H5Pclose(access) }
            // H5Fclose closes the file even if some of its groups and datasets are still open.
            H5Pset_fclose_degree(access, H5F_CLOSE_STRONG)
            _ = CHDF5_lock_if_possible(access)
            let file = try opening(access)
            let root = H5Gopen2(file, "/", CHDF5_default())
            guard root >= 0 else {
                let failure = HDF5Library.failure("open the root group", file: path)
                _ = Self.close(file)
                throw failure
            }
            return (file, HDF5Identifier(root))
        }
        self.cPath = cPath
        isOpen = true
    }

    deinit {
        try? close()
        free(cPath)
    }

    /// Runs `body` under the library's lock.
    func locked<Result>(_ body: () throws -> Result) rethrows -> Result { try HDF5Library.locked(cPath, body) }

    /// The group that contains all others.
    public var root: HDF5Group {
        HDF5Group(OpenObject(file: self, identifier: rootIdentifier, path: "/"))
    }

    /// Passes everything written so far to the operating system.
    ///
    /// - Throws: `HDF5Error.closed`, or `.library` if writing fails.
    public func flush() throws {
        try locked {
            guard open else { throw HDF5Error.closed(file: path) }
            try HDF5Library.checked(H5Fflush(identifier, H5F_SCOPE_GLOBAL), "write the file", file: path)
        }
    }

    /// Writes what is pending, and closes the file and everything opened in it. Closing a closed file does nothing.
    ///
    /// - Throws: `HDF5Error.library` if writing fails; the file is closed all the same.
    public func close() throws {
        try locked {
            guard open else { return }
            open = false
            try HDF5Library.checked(Self.close(identifier), "close the file", file: path)
        }
    }

    /// Whether the file is open. Read it under the library's lock.
    var isOpen: Bool { open }

    /// The size in bytes that the file will have on disk when it is closed.
    ///
    /// - Throws: `HDF5Error.closed`, or `.library`.
    public func sizeWhenClosed() throws -> Int {
        try locked {
            guard open else { throw HDF5Error.closed(file: path) }
            try HDF5Library.checked(H5Fflush(identifier, H5F_SCOPE_GLOBAL), "write the file", file: path)
            return Int(clamping: try size())
        }
    }

    /// The size of the file in bytes, including what is not written yet. Call it under the library's lock.
    func size() throws -> UInt64 {
        var size: hsize_t = 0
        try HDF5Library.checked(H5Fget_filesize(identifier, &size), "read the size of the file", file: path)
        return size
    }

    /// The bytes of the file from its superblock on, to which all its addresses are relative. Call it under the
    /// library's lock.
    ///
    /// - Parameter object: the object that is being read, for messages.
    /// - Throws: `HDF5Error.unsupported` if addresses or sizes do not have eight bytes, `.library`.
    func image(reading object: String) throws -> Data {
        try HDF5Library.checked(H5Fflush(identifier, H5F_SCOPE_GLOBAL), "read \(object)", file: path)
        let properties = try HDF5Library.checked(H5Fget_create_plist(identifier), "read \(object)", file: path)
        defer { H5Pclose(properties) }
        var before: hsize_t = 0, addressSize = 0, lengthSize = 0
        try HDF5Library.checked(H5Pget_userblock(properties, &before), "read \(object)", file: path)
        try HDF5Library.checked(H5Pget_sizes(properties, &addressSize, &lengthSize), "read \(object)", file: path)
        guard addressSize == 8, lengthSize == 8 else {
            throw HDF5Error.unsupported(
                object: object, file: path, found: "addresses of \(addressSize) bytes and sizes of \(lengthSize)",
                expected: "eight bytes for both")
        }
        return try Self.mapped(identifier, path).dropFirst(Int(clamping: before))
    }

    /// The bytes of the file that libhdf5 has open, even if another file has taken its path since.
    private static func mapped(_ file: hid_t, _ path: String) throws -> Data {
        var handle: UnsafeMutableRawPointer?
        try HDF5Library.checked(H5Fget_vfd_handle(file, CHDF5_default(), &handle), "read the file", file: path)
        guard let descriptor = handle?.load(as: Int32.self),
            let data = try? Data(contentsOf: URL(fileURLWithPath: "/dev/fd/\(descriptor)"), options: .alwaysMapped)
        else { throw HDF5Error.library(message: "it cannot be mapped", doing: "read the file", file: path) }
        return data
    }

    /// Closes the file in child processes, which would otherwise hold its lock as long as they run.
    private static func keepFromChildren(_ file: hid_t) {
        guard let descriptor = descriptor(of: file) else { return }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    /// Closes the file and releases its lock.
    ///
    /// Closing alone does not release the lock while a copy of the descriptor exists, and a child process has one from
    /// its fork until it runs its own program. Unlocking any copy releases the lock for all of them. libhdf5 opens a file
    /// once, however often a program does: then the last to close it releases the lock.
    private static func close(_ file: hid_t) -> herr_t {
        let descriptor = descriptor(of: file), copy = descriptor.map { fcntl($0, F_DUPFD_CLOEXEC, 0) }
        defer {
            if let descriptor, let copy, copy >= 0 {
                var (before, now) = (stat(), stat())
                let isStillOpen =
                    fstat(copy, &before) == 0 && fstat(descriptor, &now) == 0 && before.st_ino == now.st_ino
                    && before.st_dev == now.st_dev
                if !isStillOpen { _ = flock(copy, LOCK_UN) }
                _ = Foundation.close(copy)
            }
        }
        return H5Fclose(file)
    }

    /// The system's descriptor of an open file; a file in memory has none.
    private static func descriptor(of file: hid_t) -> Int32? {
        let access = H5Fget_access_plist(file)
        defer { H5Pclose(access) }
        var handle: UnsafeMutableRawPointer?
        guard CHDF5_is_in_memory(access) == 0, H5Fget_vfd_handle(file, CHDF5_default(), &handle) >= 0, let handle else {
            return nil
        }
        return handle.load(as: Int32.self)
    }

    private static func openExisting(_ path: String, _ flags: UInt32, _ access: hid_t) throws -> hid_t {
        guard FileSystem.exists(path) else { throw HDF5Error.notFound(path) }
        if FileSystem.isFolder(path) { throw HDF5Error.isFolder(path) }
        // Opening a pipe would wait for its other end. libhdf5 would turn an empty file into an HDF5 file.
        guard FileSystem.isFile(path), FileSystem.size(of: path) != 0 else { throw HDF5Error.notHDF5(path) }
        let file = path.withPath { H5Fopen($0, flags, access) }
        if file >= 0 {
            keepFromChildren(file)
            do {
                let image = try mapped(file, path)
                if let descriptor = descriptor(of: file) {
                    try GlobalHeap.check(image, descriptor: descriptor, of: path)
                }
            } catch {
                _ = close(file)
                throw error
            }
            return file
        }
        let failure = HDF5Library.failure("open the file", file: path)
        throw path.withPath({ H5Fis_hdf5($0) }) == 0 ? HDF5Error.notHDF5(path) : failure
    }
}
