import Foundation

/// A lock that keeps two programs from writing the same file, or into the same folder, at the same time.
///
/// The system releases the lock when its process ends for any reason. A lock file that stays behind does no harm.
public final class OutputLock: Sendable {
    private let lockFile: String
    private let descriptor: Int32

    /// - Parameter path: an existing folder, or a file in an existing folder. If the file system does not support locks,
    ///   nothing is locked.
    /// - Parameter waiting: if given, the lock waits until the other program ends; before, this is called with who holds it.
    /// - Throws: ``FileError`` naming the process that writes there, or the reason why a lock file cannot be made.
    public init(_ path: String, waiting: ((_ holder: String) -> Void)? = nil) throws {
        lockFile =
            FileSystem.isFolder(path) ? "\(path)/.lock" : Path.beside(path, prefix: ".", suffix: ".lock")
        descriptor = try Self.lock(lockFile, for: path, waiting)
        Self.write(ProcessInfo.processInfo.processIdentifier, into: lockFile)
    }

    /// - Returns: the descriptor that holds the lock.
    private static func lock(
        _ lockFile: String, for path: String, _ waiting: ((_ holder: String) -> Void)?
    ) throws -> Int32 {
        for _ in 0..<100 {
            // Open for reading only, so that the file system can still be remounted read-only.
            let file = lockFile.withPath { open($0, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666) }
            guard file >= 0 else { throw FileError("cannot lock \(path) with \(lockFile)", code: errno) }
            guard flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
                let holder = holder(of: lockFile)
                defer { close(file) }
                if let waiting {
                    waiting(holder)
                    guard flock(file, LOCK_EX) == 0 else {
                        throw FileError("cannot lock \(path) with \(lockFile)", code: errno)
                    }
                    // The holder has removed its file.
                    continue
                }
                throw FileError(
                    "\(path) is in use: \(holder) writes there; wait for it, stop it, or choose another place")
            }
            // The previous holder may have removed the file: a lock on a file without a name locks nobody out.
            var (held, named) = (stat(), stat())
            if fstat(file, &held) == 0, lockFile.withPath({ stat($0, &named) }) == 0, held.st_ino == named.st_ino,
                held.st_dev == named.st_dev
            {
                return file
            }
            close(file)
        }
        throw FileError("cannot lock \(path): other programs keep replacing \(lockFile)")
    }

    /// Writes the process number, so that others can report the holder. If that fails, the lock holds all the same.
    private static func write(_ process: Int32, into lockFile: String) {
        let descriptor = lockFile.withPath { open($0, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW) }
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let text = Array("\(process)\n".utf8)
        _ = Foundation.write(descriptor, text, text.count)
    }

    /// The process whose number is in the lock file, such as `process 123 (train)`.
    private static func holder(of lockFile: String) -> String {
        guard let text = try? FileBytes.read(lockFile, limit: 20),
            let number = pid_t(String(decoding: text, as: UTF8.self).trimmingCharacters(in: .newlines))
        else { return "another process" }
        let line = FileManager.default.contents(atPath: "/proc/\(number)/cmdline") ?? Data()
        let program = line.split(separator: 0).first.map { String(pathBytes: $0) } ?? ""
        return "process \(number)" + (program.isEmpty ? "" : " (\(Path.name(of: program)))")
    }

    deinit {
        FileSystem.remove(lockFile)
        close(descriptor)
    }
}
