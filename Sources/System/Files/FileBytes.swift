import Foundation

/// The contents of a file.
public enum FileBytes {
    /// All bytes of the file at `path`.
    ///
    /// - Parameter limit: the largest number of bytes. A larger file is not read at all.
    /// - Throws: ``FileError`` naming the file and the reason, also for a folder, a pipe or a device.
    public static func read(_ path: String, limit: Int = 1 << 30) throws -> [UInt8] {
        let descriptor = try openRegularFile(path)
        defer { close(descriptor) }
        let size = try sizeOf(descriptor, path)
        guard size <= limit else {
            throw FileError("cannot read \(path): it has \(size) bytes, more than the \(limit) that are read")
        }
        return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < buffer.count {
                let more = Foundation.read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
                if more < 0 && errno == EINTR { continue }
                guard more >= 0 else { throw failure(path) }
                guard more > 0 else { break }
                count += more
            }
        }
    }

    /// The file at `path`, open for reading it piece by piece.
    ///
    /// - Throws: ``FileError`` as ``read(_:limit:)``.
    public static func open(_ path: String) throws -> FileHandle {
        FileHandle(fileDescriptor: try openRegularFile(path), closeOnDealloc: true)
    }

    private static func openRegularFile(_ path: String) throws -> Int32 {
        // C would cut the path at the NUL, and open another file.
        guard !path.utf8.contains(0) else { throw FileError("cannot read a file whose name holds a NUL character") }
        // Without O_NONBLOCK, opening a pipe would wait for a writer.
        let descriptor = path.withPath { Foundation.open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
        guard descriptor >= 0 else { throw failure(path) }
        do { _ = try sizeOf(descriptor, path) } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// The size of a regular file in bytes.
    ///
    /// - Throws: ``FileError`` for any other kind of file.
    private static func sizeOf(_ descriptor: Int32, _ path: String) throws -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            throw FileError("cannot read \(path): it is \(isFolder ? "a folder" : "not a regular file")")
        }
        return Int(status.st_size)
    }

    private static func failure(_ path: String) -> FileError {
        FileError("cannot read \(path)", code: errno)
    }
}
