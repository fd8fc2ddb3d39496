import Foundation

/// A file that cannot be written; one line for the person at the terminal.
public struct FileError: Error, CustomStringConvertible, Equatable {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// Files that appear whole or not at all.
public enum WholeFile {
    /// Lets `body` write a temporary file beside `path`, flushes it to the disk and renames it into place. Folders on
    /// the way are made. Whatever goes wrong, what was at `path` before is still there, and nothing else is.
    ///
    /// - Throws: ``FileError`` naming the file and the reason, or what `body` throws.
    public static func write(to path: String, _ body: (_ temporary: String) throws -> Void) throws {
        let file = try UnfinishedFile(path)
        try body(file.temporary)
        try file.finish()
    }

    /// - Parameter previous: where the file that `path` held until now is kept, in place of the one before it.
    /// - Throws: ``FileError`` as ``write(to:_:)-(String,(String)->Void)``.
    public static func write(_ data: Data, to path: String, keeping previous: String? = nil) throws {
        try write(to: path) { temporary in
            do { try data.write(to: URL(fileURLWithPath: temporary)) } catch {
                throw FileError("cannot write \(path): \(String(cString: strerror(errno)))")
            }
            guard let previous else { return }
            // Nothing is given up for what is not on the disk yet.
            try flush(temporary, path)
            try keep(path, as: previous)
        }
    }

    /// At every moment there is a whole file at `path`, as long as the file system has links.
    private static func keep(_ path: String, as previous: String) throws {
        let (path, temporary) = (target(of: path), temporaryPath(for: previous))
        unlink(temporary)
        guard link(path, temporary) == 0 || rename(path, temporary) == 0 else {
            if errno == ENOENT { return }
            throw FileError("cannot keep \(path) as \(previous): \(String(cString: strerror(errno)))")
        }
        try check(rename(temporary, previous), "cannot keep \(path) as \(previous)")
    }

    /// Removes from a folder what processes that are no more have left of ``write(to:_:)-(String,(String)->Void)``.
    ///
    /// - Returns: the names of the files that were removed.
    public static func removeAbandoned(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().filter { name in
            // `model.hdf5.123.tmp`: other people's files are hardly called so.
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count >= 4, parts[0] != "", name.hasSuffix(temporarySuffix),
                ["hdf5", "json", "png", "svg", "txt"].contains(parts[parts.count - 3]),
                let process = pid_t(parts[parts.count - 2]), process > 0,
                // Signal 0 only asks whether there is such a process.
                kill(process, 0) != 0, errno == ESRCH
            else { return false }
            return unlink("\(folder)/\(name)") == 0
        }
    }

    private static let temporarySuffix = ".tmp"

    private static func temporaryPath(for path: String) -> String {
        "\(path).\(ProcessInfo.processInfo.processIdentifier)\(temporarySuffix)"
    }

    /// What a symbolic link leads to; any other path itself.
    static func target(of path: String) -> String {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, let target = realpath(path, nil) else {
            return path
        }
        defer { free(target) }
        return String(cString: target)
    }

    /// Where a file lies.
    public static func folder(of path: String) -> String {
        let folder = (path as NSString).deletingLastPathComponent
        return folder.isEmpty ? "." : folder
    }

    /// Makes sure, before hours of work, that ``write(to:_:)-(String,(String)->Void)`` will be able to write `path`.
    ///
    /// - Throws: ``FileError`` where it will not.
    public static func checkWritable(_ path: String) throws { unlink(try makeTemporary(for: target(of: path))) }

    /// Moves a temporary file into its place.
    fileprivate static func finish(_ temporary: String, _ path: String) throws {
        try flush(temporary, path)
        try check(rename(temporary, path), "cannot write \(path)")
        // The file is in its place; a file system that cannot flush a folder takes nothing away from that.
        try? flush(folder(of: path), path)
    }

    /// An empty file beside `path`: a place that cannot be written to is told in the system's words.
    fileprivate static func makeTemporary(for path: String) throws -> String {
        guard !path.utf8.contains(0) else { throw FileError("cannot write a file whose name holds a NUL character") }
        try makeFolder(folder(of: path))
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            throw FileError(
                "cannot write \(path): it is \(isFolder ? "a folder; name a file in it" : "no regular file")")
        }
        let temporary = temporaryPath(for: path)
        try check(open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0o644), "cannot write \(path)") { close($0) }
        return temporary
    }

    /// Makes a folder with all those above it.
    ///
    /// - Throws: ``FileError`` where a file is in the way, or the place is read-only.
    public static func makeFolder(_ path: String) throws {
        var made = path.hasPrefix("/") ? "/" : ""
        for component in path.split(separator: "/") {
            made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + component
            guard mkdir(made, 0o777) != 0 else { continue }
            let code = errno
            var isFolder: ObjCBool = false
            let isThere = FileManager.default.fileExists(atPath: made, isDirectory: &isFolder)
            if isThere, isFolder.boolValue { continue }
            let reason = isThere ? "a file of that name is in the way" : String(cString: strerror(code))
            throw FileError("cannot make the folder \(made): \(reason)")
        }
    }

    private static func flush(_ file: String, _ path: String) throws {
        try check(open(file, O_RDONLY), "cannot write \(path)") { descriptor in
            let status = fsync(descriptor)
            close(descriptor)
            return status
        }
    }

    private static func check(_ status: Int32, _ what: String, then: (Int32) -> Int32 = { _ in 0 }) throws {
        guard status >= 0, then(status) >= 0 else { throw FileError("\(what): \(String(cString: strerror(errno)))") }
    }
}

/// A file that is written for a while, beside its place, and appears there when it is finished; gone where it never is.
public final class UnfinishedFile {
    public let path: String
    /// Where to write until then.
    public let temporary: String
    private var isFinished = false

    /// - Parameter path: of the file; what a symbolic link leads to is replaced, and not the link.
    /// - Throws: ``FileError`` where no file can be made there.
    public init(_ path: String) throws {
        self.path = WholeFile.target(of: path)
        temporary = try WholeFile.makeTemporary(for: self.path)
    }

    deinit { if !isFinished { unlink(temporary) } }

    /// Takes so much of the disk for the file, so that writing it cannot fail for want of space.
    ///
    /// - Throws: ``FileError`` where the disk has not as much.
    public func reserve(bytes: Int) throws {
        #if os(Linux)
            let descriptor = open(temporary, O_RDWR)
            guard descriptor >= 0 else { throw FileError("cannot write \(path): \(String(cString: strerror(errno)))") }
            defer { close(descriptor) }
            let code = posix_fallocate(descriptor, 0, bytes)
            guard code == 0 else {
                throw FileError("cannot write the \(bytes) bytes of \(path): \(String(cString: strerror(code)))")
            }
        #endif
    }

    /// Flushes the file to the disk and renames it into place.
    ///
    /// - Parameter size: bytes at the end beyond so many, of what was reserved, are given back.
    /// - Throws: ``FileError`` naming the file and the reason; then what was in its place before is still there.
    public func finish(size: Int? = nil) throws {
        if let size { truncate(temporary, size) }
        try WholeFile.finish(temporary, path)
        isFinished = true
    }
}
