import Foundation
import Synchronization

/// The error for a file that cannot be read or written.
public struct FileError: Error, CustomStringConvertible, Equatable {
    /// One line that names the file and the reason.
    public let description: String
    /// - Parameter description: one line that names the file and the reason.
    public init(_ description: String) { self.description = description }

    /// An error that adds the system's reason (`strerror`) to `what`.
    init(_ what: String, code: Int32) { self.init("\(what): \(String(cString: strerror(code)))") }
}

/// Files that appear whole or not at all.
public enum WholeFile {
    /// Writes a temporary file beside `path`, flushes it to disk and renames it into place. Missing folders are made.
    /// If anything fails, the file that was at `path` before is still there, and nothing is left behind.
    ///
    /// - Parameter previous: the path under which the file that `path` held until now is kept. A file there is replaced.
    /// - Throws: ``FileError`` naming the file and the reason.
    public static func write(_ data: Data, to path: String, keeping previous: String? = nil) throws {
        let file = try UnfinishedFile(path)
        try file.write(data)
        if let previous {
            // The new file must be on disk before an old one is given up.
            try file.flush()
            try keep(path, as: previous)
        }
        try file.finish(size: data.count)
    }

    /// Links `path` to `previous`, or renames it if the file system has no links. With links, there is a whole file at
    /// `path` at every moment.
    private static func keep(_ path: String, as previous: String) throws {
        let (path, temporary) = (target(of: path), temporaryPath(for: previous))
        FileSystem.remove(temporary)
        let isKept = path.withPath { old in temporary.withPath { link(old, $0) == 0 || Foundation.rename(old, $0) == 0 }
        }
        guard isKept else {
            if errno == ENOENT { return }
            throw FileError("cannot keep \(path) as \(previous)", code: errno)
        }
        try rename(temporary, to: previous, "cannot keep \(path) as \(previous)")
    }

    /// Removes from a folder the temporary files of ``write(_:to:keeping:)`` whose processes no longer run.
    ///
    /// - Returns: the names of the files that were removed.
    public static func removeAbandoned(in folder: String) -> [String] {
        let names = (try? FileSystem.names(in: folder)) ?? []
        return names.filter { name in
            // `model.hdf5.123.tmp`: a name that other files hardly have.
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count >= 3, name.hasSuffix(temporarySuffix),
                let process = pid_t(parts[parts.count - 2]), process > 0,
                // Signal 0 only checks that the process exists.
                kill(process, 0) != 0, errno == ESRCH
            else { return false }
            return "\(folder)/\(name)".withPath { unlink($0) } == 0
        }
    }

    private static let temporarySuffix = ".tmp"

    static func temporaryPath(for path: String) -> String {
        Path.beside(path, suffix: ".\(ProcessInfo.processInfo.processIdentifier)\(temporarySuffix)")
    }

    /// The target of a symbolic link, even if nothing is there yet. Any other path itself.
    static func target(of path: String) -> String {
        var target = path
        // The system follows 40 links too.
        for _ in 0..<40 where FileSystem.isLink(target) {
            if let found = Path.real(target) { return found }
            guard let link = Path.link(at: target) else { return path }
            target = link.hasPrefix("/") ? link : "\(Path.folder(of: target))/\(link)"
        }
        return target
    }

    /// Checks before hours of work that ``write(_:to:keeping:)`` will be able to write `path`.
    ///
    /// - Throws: ``FileError`` if it will not.
    public static func checkWritable(_ path: String) throws { _ = try UnfinishedFile(path) }

    // MARK: - Folders

    private static let made = Mutex<[String]>([])

    /// Makes a folder and all missing folders above it.
    ///
    /// - Throws: ``FileError`` if a file is in the way, or the place is read-only.
    public static func makeFolder(_ path: String) throws {
        guard !path.utf8.contains(0) else { throw FileError("cannot make a folder whose name holds a NUL character") }
        var folder = path.hasPrefix("/") ? "/" : ""
        for component in path.split(separator: "/") {
            folder += (folder.isEmpty || folder.hasSuffix("/") ? "" : "/") + component
            guard folder.withPath({ mkdir($0, 0o777) }) != 0 else {
                made.withLock { $0.append(folder) }
                continue
            }
            let code = errno
            if FileSystem.isFolder(folder) { continue }
            if FileSystem.exists(folder) {
                throw FileError("cannot make the folder \(folder): a file of that name is in the way")
            }
            throw FileError("cannot make the folder \(folder)", code: code)
        }
    }

    /// Removes the empty folders that this process has made, so that a failed start leaves nothing behind.
    public static func removeEmptyFolders() {
        for folder in made.withLock({ $0 }).reversed() { _ = folder.withPath { rmdir($0) } }
        made.withLock { $0 = [] }
    }

    // MARK: - Steps of an UnfinishedFile

    fileprivate static func rename(_ old: String, to new: String, _ what: String) throws {
        guard old.withPath({ old in new.withPath { Foundation.rename(old, $0) } }) == 0 else {
            throw FileError(what, code: errno)
        }
    }

    /// Makes the folder, and refuses a path that cannot become a file.
    ///
    /// - Throws: ``FileError`` with the system's reason if there is one.
    fileprivate static func checkPlace(_ path: String) throws {
        guard !path.utf8.contains(0) else { throw FileError("cannot write a file whose name holds a NUL character") }
        guard !path.hasSuffix("/") else {
            throw FileError("cannot write \(path): it names a folder; name a file in it")
        }
        guard !FileSystem.isLink(path) else {
            throw FileError("cannot write \(path): its symbolic links form a circle")
        }
        try makeFolder(Path.folder(of: path))
        guard FileSystem.exists(path), !FileSystem.isFile(path) else { return }
        throw FileError(
            "cannot write \(path): it is \(FileSystem.isFolder(path) ? "a folder; name a file in it" : "not a regular file")"
        )
    }
}

/// A file that is written beside its place and appears there when it is finished. A file never finished is removed.
///
/// It stays open from beginning to end, so the file that is checked, flushed and renamed is the file that was opened,
/// even if another file takes its name.
public final class UnfinishedFile {
    /// The path at which the file appears.
    public let path: String
    /// The path of the unfinished file, for a library that opens files by name.
    public let temporary: String
    private let descriptor: Int32
    private var isFinished = false

    /// - Parameter path: the path of the file. If it is a symbolic link, the target is replaced, not the link.
    /// - Throws: ``FileError`` if a file cannot be made there.
    public init(_ path: String) throws {
        let path = WholeFile.target(of: path)
        try WholeFile.checkPlace(path)
        self.path = path
        temporary = WholeFile.temporaryPath(for: path)
        let descriptor = temporary.withPath { open($0, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666) }
        guard descriptor >= 0 else { throw FileError("cannot write \(path)", code: errno) }
        // A file keeps the permissions that somebody gave it.
        var replaced = stat()
        if path.withPath({ stat($0, &replaced) }) == 0 { fchmod(descriptor, replaced.st_mode & 0o777) }
        self.descriptor = descriptor
    }

    deinit {
        if !isFinished { FileSystem.remove(temporary) }
        close(descriptor)
    }

    /// Appends `data`.
    ///
    /// - Throws: ``FileError`` naming the file and the reason.
    public func write(_ data: Data) throws {
        try data.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, rest.base.baseAddress.map { $0 + rest.startIndex }, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw FileError("cannot write \(path)", code: errno) }
                rest = rest.dropFirst(count)
            }
        }
    }

    func flush() throws {
        guard fsync(descriptor) == 0 else { throw FileError("cannot write \(path)", code: errno) }
    }

    /// Reserves space on the disk for the file, so that writing it cannot fail for lack of space.
    ///
    /// - Throws: ``FileError`` if the disk does not have the space.
    public func reserve(bytes: Int) throws {
        #if os(Linux)
            let code = posix_fallocate(descriptor, 0, bytes)
            guard code == 0 else { throw FileError("cannot write the \(bytes) bytes of \(path)", code: code) }
        #endif
    }

    /// Flushes the file to the disk and renames it into place.
    ///
    /// - Parameter size: the number of bytes that it must have. Reserved bytes beyond are released.
    /// - Throws: ``FileError`` naming the file and the reason. The file that was in its place before is then still there.
    public func finish(size: Int? = nil) throws {
        if let size { ftruncateDown(to: size) }
        try flush()
        var (opened, named) = (stat(), stat())
        guard fstat(descriptor, &opened) == 0, temporary.withPath({ stat($0, &named) }) == 0,
            opened.st_ino == named.st_ino, opened.st_dev == named.st_dev
        else { throw FileError("cannot write \(path): \(temporary) was replaced or removed while it was written") }
        guard size == nil || Int(opened.st_size) == size else {
            throw FileError("cannot write \(path): \(opened.st_size) of its \(size ?? 0) bytes were written")
        }
        try WholeFile.rename(temporary, to: path, "cannot write \(path)")
        isFinished = true
        // The file is in its place, so a file system that cannot flush a folder is not an error.
        let folder = Path.folder(of: path).withPath { open($0, O_RDONLY | O_CLOEXEC) }
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    private func ftruncateDown(to size: Int) {
        var status = stat()
        if fstat(descriptor, &status) == 0, Int(status.st_size) > size { ftruncate(descriptor, off_t(size)) }
    }
}
