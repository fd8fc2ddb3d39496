import Foundation
import Synchronization

/// A file that cannot be read or written; one line for the person at the terminal.
public struct FileError: Error, CustomStringConvertible, Equatable {
    public let description: String
    public init(_ description: String) { self.description = description }

    /// `what`, and the system's reason.
    init(_ what: String, code: Int32) { self.init("\(what): \(String(cString: strerror(code)))") }
}

/// Files that appear whole or not at all.
public enum WholeFile {
    /// Writes a temporary file beside `path`, flushes it to the disk and renames it into place. Folders on the way are
    /// made. Whatever goes wrong, what was at `path` before is still there, and nothing else is.
    ///
    /// - Parameter previous: where the file that `path` held until now is kept, in place of the one before it.
    /// - Throws: ``FileError`` naming the file and the reason.
    public static func write(_ data: Data, to path: String, keeping previous: String? = nil) throws {
        let file = try UnfinishedFile(path)
        try file.write(data)
        if let previous {
            // Nothing is given up for what is not on the disk yet.
            try file.flush()
            try keep(path, as: previous)
        }
        try file.finish(size: data.count)
    }

    /// At every moment there is a whole file at `path`, as long as the file system has links.
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

    /// Removes from a folder what processes that no longer run have left of ``write(_:to:keeping:)``.
    ///
    /// - Returns: the names of the files that were removed.
    public static func removeAbandoned(in folder: String) -> [String] {
        let names = (try? FileSystem.names(in: folder)) ?? []
        return names.filter { name in
            // `model.hdf5.123.tmp`: other people's files are hardly called so.
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count >= 3, name.hasSuffix(temporarySuffix),
                let process = pid_t(parts[parts.count - 2]), process > 0,
                // Signal 0 only asks whether there is such a process.
                kill(process, 0) != 0, errno == ESRCH
            else { return false }
            return "\(folder)/\(name)".withPath { unlink($0) } == 0
        }
    }

    private static let temporarySuffix = ".tmp"

    static func temporaryPath(for path: String) -> String {
        Path.beside(path, suffix: ".\(ProcessInfo.processInfo.processIdentifier)\(temporarySuffix)")
    }

    /// What a symbolic link leads to, also where nothing is there yet; any other path itself.
    static func target(of path: String) -> String {
        var target = path
        // As many links as the system follows.
        for _ in 0..<40 where FileSystem.isLink(target) {
            if let found = Path.real(target) { return found }
            guard let link = Path.link(at: target) else { return path }
            target = link.hasPrefix("/") ? link : "\(Path.folder(of: target))/\(link)"
        }
        return target
    }

    /// Makes sure, before hours of work, that ``write(_:to:keeping:)`` will be able to write `path`.
    ///
    /// - Throws: ``FileError`` where it will not.
    public static func checkWritable(_ path: String) throws { _ = try UnfinishedFile(path) }

    // MARK: - Folders

    private static let made = Mutex<[String]>([])

    /// Makes a folder with all those above it.
    ///
    /// - Throws: ``FileError`` where a file is in the way, or the place is read-only.
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

    /// Removes those of the folders that this process has made in which nothing lies: a start that failed leaves nothing.
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

    /// A place that cannot be written to is told in the system's words.
    fileprivate static func checkPlace(_ path: String) throws {
        guard !path.utf8.contains(0) else { throw FileError("cannot write a file whose name holds a NUL character") }
        guard !path.hasSuffix("/") else {
            throw FileError("cannot write \(path): it names a folder; name a file in it")
        }
        guard !FileSystem.isLink(path) else {
            throw FileError("cannot write \(path): its symbolic links lead in a circle")
        }
        try makeFolder(Path.folder(of: path))
        guard FileSystem.exists(path), !FileSystem.isFile(path) else { return }
        throw FileError(
            "cannot write \(path): it is \(FileSystem.isFolder(path) ? "a folder; name a file in it" : "not a regular file")"
        )
    }
}

/// A file that is written for a while, beside its place, and appears there when it is finished; gone where it never is.
///
/// It stays open from beginning to end: what is checked, flushed and put in place is the file that was opened, whatever
/// comes to lie at its name.
public final class UnfinishedFile {
    public let path: String
    /// The path of the unfinished file, for a library that opens files by name.
    public let temporary: String
    private let descriptor: Int32
    private var isFinished = false

    /// - Parameter path: of the file; what a symbolic link leads to is replaced, and not the link.
    /// - Throws: ``FileError`` where no file can be made there.
    public init(_ path: String) throws {
        let path = WholeFile.target(of: path)
        try WholeFile.checkPlace(path)
        self.path = path
        temporary = WholeFile.temporaryPath(for: path)
        let descriptor = temporary.withPath { open($0, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666) }
        guard descriptor >= 0 else { throw FileError("cannot write \(path)", code: errno) }
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

    /// Takes so much of the disk for the file, so that writing it cannot fail for want of space.
    ///
    /// - Throws: ``FileError`` where the disk has not as much.
    public func reserve(bytes: Int) throws {
        #if os(Linux)
            let code = posix_fallocate(descriptor, 0, bytes)
            guard code == 0 else { throw FileError("cannot write the \(bytes) bytes of \(path)", code: code) }
        #endif
    }

    /// Flushes the file to the disk and renames it into place.
    ///
    /// - Parameter size: how many bytes it must have; of what was reserved, more are given back.
    /// - Throws: ``FileError`` naming the file and the reason; then what was in its place before is still there.
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
        // The file is in its place; a file system that cannot flush a folder takes nothing away from that.
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
