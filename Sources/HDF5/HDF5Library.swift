import CHDF5
import CHDF5Guard
import Foundation

/// The one door to libhdf5, which may have been built without thread safety.
enum HDF5Library {
    /// Recursive, because a last reference may be dropped, and its identifier closed, in the midst of another call.
    private static let lock = NSRecursiveLock()

    /// Runs once, under the lock, before the first call.
    private static let started: Void = {
        // Files are closed where they are done with. At exit libhdf5 would try once more to write what it could not
        // write to a full disk, and crash.
        H5dont_atexit()
        H5open()
        // A file must not make the process load a filter plugin, or open another file through an external link.
        H5PLset_loading_state(0)
        H5Lunregister(H5L_TYPE_EXTERNAL)
        StringReferences.register()
    }()

    /// Every call of libhdf5 is made inside the body of this function.
    ///
    /// - Parameter path: the file it is about, for ``HDF5Crash``.
    static func locked<Result>(
        _ path: UnsafePointer<CChar>? = nil, _ body: () throws -> Result
    ) rethrows -> Result {
        lock.lock()
        hdf5_guard_enter(path)
        defer {
            hdf5_guard_leave()
            lock.unlock()
        }
        started
        // Messages belong into the error that is thrown, not onto the standard error stream. A thread-safe build
        // keeps an error stack, and this setting of it, for every thread.
        H5Eset_auto2(hid_t(H5E_DEFAULT), nil, nil)
        return try body()
    }

    /// The error for the call that has just failed; to be made before any other call, which would clear the stack.
    static func failure(_ doing: String, file: String) -> HDF5Error {
        .library(message: innermostMessage(), doing: doing, file: file)
    }

    /// Passes on an identifier or a status that libhdf5 returned; negative ones are failures.
    @discardableResult
    static func checked<Status: SignedInteger>(_ status: Status, _ doing: String, file: String) throws -> Status {
        guard status >= 0 else { throw failure(doing, file: file) }
        return status
    }

    /// The outer entries of the stack say "unable to ..." once a layer; the innermost one says what was found.
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
