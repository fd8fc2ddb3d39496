import CHDF5
import CHDF5Guard
import Foundation

/// The only access to libhdf5, one thread at a time: it may have been built without thread safety.
enum HDF5Library {
    /// Recursive, because dropping a last reference inside another call closes its identifier.
    private static let lock = NSRecursiveLock()

    /// Runs once, under the lock, before the first call.
    private static let started: Void = {
        // Files are closed explicitly. At exit libhdf5 would retry a write that failed on a full disk, and crash.
        H5dont_atexit()
        H5open()
        // A file must not make the process load a filter plugin or open another file through an external link.
        H5PLset_loading_state(0)
        H5Lunregister(H5L_TYPE_EXTERNAL)
        StringReferences.register()
    }()

    /// Runs `body` under the lock. Every call of libhdf5 is inside such a body.
    ///
    /// - Parameter path: the file that `body` uses, for ``HDF5Crash``.
    static func locked<Result>(
        _ path: UnsafePointer<CChar>? = nil, _ body: () throws -> Result
    ) rethrows -> Result {
        lock.lock()
        let before = hdf5_guard_enter(path)
        defer {
            hdf5_guard_leave(before)
            lock.unlock()
        }
        started
        // Messages belong in the thrown error, not on standard error. A thread-safe build has an error stack, with
        // this setting, per thread.
        H5Eset_auto2(hid_t(H5E_DEFAULT), nil, nil)
        return try body()
    }

    /// The error of the call that has just failed. Any other call before this one would clear the error stack.
    static func failure(_ doing: String, file: String) -> HDF5Error {
        .library(message: innermostMessage(), doing: doing, file: file)
    }

    /// Returns an identifier or status of libhdf5, or throws ``failure(_:file:)`` if it is negative.
    @discardableResult
    static func checked<Status: SignedInteger>(_ status: Status, _ doing: String, file: String) throws -> Status {
        guard status >= 0 else { throw failure(doing, file: file) }
        return status
    }

    /// The outer entries of the stack only say "unable to ..." for each layer; the innermost one gives the reason.
    private static func innermostMessage() -> String {
        var message = ""
        withUnsafeMutablePointer(to: &message) { pointer in
            _ = H5Ewalk2(
                hid_t(H5E_DEFAULT), H5E_WALK_UPWARD,
                { _, entry, found in
                    guard let found = found?.assumingMemoryBound(to: String.self), found.pointee.isEmpty,
                        let text = entry?.pointee.desc
                    else { return 0 }
                    found.pointee = String(cString: text)
                    return 0
                }, pointer)
        }
        let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.isEmpty ? "libhdf5 gives no reason" : line
    }
}
