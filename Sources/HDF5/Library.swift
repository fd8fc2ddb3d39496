import CHDF5
import Foundation

/// libhdf5, which is not safe to call from two threads at once: every call goes through this lock.
enum Library {
    private static let lock = NSRecursiveLock()
    /// Errors are thrown, not printed.
    private static let isPrepared: Bool = {
        H5open()
        CHDF5_silence_errors()
        return true
    }()

    static func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        _ = isPrepared
        return try body()
    }

    /// The library's own words for the failure that has just happened.
    static func reason() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        CHDF5_error_description(&buffer)
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.isEmpty ? "the HDF5 library gives no reason" : text
    }
}

/// An identifier of the library, closed when nothing holds it any more.
final class Handle: @unchecked Sendable {  // Closing, all that it does by itself, takes the library's lock.
    let id: hid_t
    private let close: (hid_t) -> herr_t

    /// - Returns: `nil` where the library gave no identifier.
    init?(_ id: hid_t, close: @escaping (hid_t) -> herr_t) {
        guard id >= 0 else { return nil }
        self.id = id
        self.close = close
    }

    deinit { Library.locked { _ = close(id) } }
}
