import Foundation
import System

/// How many files the system allows a program to have open.
enum OpenFiles {
    private static let needed: rlim_t = 64

    /// Checks the limit, because Foundation's threads end the program without a message if they cannot open the files
    /// that they need.
    ///
    /// - Throws: `FileError` if the limit is too low and cannot be raised.
    static func checkLimit() throws {
        var limit = rlimit()
        guard getrlimit(openFilesLimit, &limit) == 0, limit.rlim_cur < needed else { return }
        let allowed = limit.rlim_cur
        limit.rlim_cur = min(needed, limit.rlim_max)
        guard limit.rlim_max >= needed, setrlimit(openFilesLimit, &limit) == 0 else {
            throw FileError("only \(allowed) files may be open at once; allow more: ulimit -n \(needed)")
        }
    }

    #if os(Linux)
        private static let openFilesLimit = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        private static let openFilesLimit = RLIMIT_NOFILE
    #endif
}
