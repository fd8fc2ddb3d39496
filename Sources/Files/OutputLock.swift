import Foundation

/// Keeps two programs from writing the same file, or into the same folder, at the same time.
///
/// The lock is the system's: it ends with the process that holds it, however that ends. The file that it stands on
/// may stay behind, and does no harm.
public final class OutputLock: Sendable {
    private let lockFile: String
    private let descriptor: Int32

    /// - Parameter path: a folder that is there, or a file whose folder is. Where the file system knows no locks, nothing
    ///   is locked.
    /// - Throws: ``FileError`` naming the process that writes there, or why no lock file can be made.
    public init(_ path: String) throws {
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        lockFile =
            isFolder.boolValue
            ? "\(path)/.lock" : "\(WholeFile.folder(of: path))/.\((path as NSString).lastPathComponent).lock"
        while true {
            // Open for reading only: a lock must not keep anybody from making the file system read-only.
            let file = open(lockFile, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
            guard file >= 0 else {
                throw FileError("cannot lock \(path) with \(lockFile): \(String(cString: strerror(errno)))")
            }
            guard flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
                let holder = Self.holder(of: lockFile)
                close(file)
                throw FileError(
                    "\(path) is in use: \(holder) writes there; wait for it, stop it, or choose another place")
            }
            // Whoever held it until now has removed it since: a lock on a file without a name keeps nobody away.
            var (held, named) = (stat(), stat())
            if fstat(file, &held) == 0, stat(lockFile, &named) == 0, held.st_ino == named.st_ino {
                descriptor = file
                break
            }
            close(file)
        }
        let number = Data("\(ProcessInfo.processInfo.processIdentifier)\n".utf8)
        try? number.write(to: URL(fileURLWithPath: lockFile))
    }

    /// Who has written its number into the lock file, `process 123 (Chapter11Train)`.
    private static func holder(of lockFile: String) -> String {
        guard let text = FileManager.default.contents(atPath: lockFile),
            let number = pid_t(String(decoding: text.prefix(20), as: UTF8.self).trimmingCharacters(in: .newlines))
        else { return "another process" }
        let line = FileManager.default.contents(atPath: "/proc/\(number)/cmdline") ?? Data()
        let program = line.split(separator: 0).first.map { String(decoding: $0, as: UTF8.self) } ?? ""
        return "process \(number)" + (program.isEmpty ? "" : " (\((program as NSString).lastPathComponent))")
    }

    deinit {
        unlink(lockFile)
        close(descriptor)
    }
}
