import CDownloading
import Foundation

/// A download that can be broken off and goes on where it ended.
///
/// What has arrived is kept in `<path>.part`. A server that cannot send the rest alone sends all again. It may send us
/// on to another address on the web, but not from an encrypted connection to one that is not.
public struct Download: Sendable {
    public let url: URL
    public let path: String
    /// How often a broken connection is tried again before giving up.
    public var attempts = 3
    /// Seconds without a byte after which a connection counts as broken.
    public var timeout: TimeInterval = 30
    /// Bytes; of a file that is longer, or has no end, nothing is kept.
    public var limit = 1 << 30

    public init(url: URL, path: String) {
        self.url = url
        self.path = path
    }

    /// Downloads, with a progress bar on standard error.
    ///
    /// - Throws: ``DownloadError`` where the server does not answer, refuses, sends too much, or breaks off too often.
    public func run() throws {
        var lastError: any Error = DownloadError("no attempt was made")
        for attempt in 0..<max(attempts, 1) {
            if attempt > 0 { Thread.sleep(forTimeInterval: Double(attempt) * 0.5) }
            do {
                try transfer()
                guard rename(partial, path) == 0 else {
                    throw DownloadError("cannot write \(path): \(String(cString: strerror(errno)))", isFinal: true)
                }
                return
            } catch let error as DownloadError where error.isFinal {
                throw error
            } catch {
                lastError = error
            }
        }
        throw lastError
    }

    private var partial: String { path + ".part" }

    private func transfer() throws {
        let attributes = try? FileManager.default.attributesOfItem(atPath: partial)
        // A link would be written through, and a pipe waited for.
        if let kind = attributes?[.type] as? FileAttributeType, kind != .typeRegular {
            throw DownloadError("\(partial) is in the way, and no regular file; remove it", isFinal: true)
        }
        let present = (attributes?[.size] as? NSNumber)?.int64Value ?? 0
        let receiver = try Receiver(file: partial, limit: Int64(limit), name: url.lastPathComponent)
        try receiver.receive(url.absoluteString, from: present, timeout: timeout)
    }
}

/// A download that failed; one line.
public struct DownloadError: Error, CustomStringConvertible, Equatable {
    public let description: String
    /// Whether trying again is of no use.
    let isFinal: Bool

    init(_ description: String, isFinal: Bool = false) {
        self.description = description
        self.isFinal = isFinal
    }
}

/// Writes what arrives to the file as it arrives: an archive is never whole in memory.
private final class Receiver {
    private let path: String
    private let file: FileHandle
    private let limit: Int64
    private let name: String
    /// Bytes in the file.
    private var size: Int64 = 0
    private var isTooLong = false
    private var failure: DownloadError?
    private var progress: TransferProgress?

    init(file path: String, limit: Int64, name: String) throws {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        guard let file = FileHandle(forWritingAtPath: path) else {
            throw DownloadError("cannot write \(path): \(String(cString: strerror(errno)))", isFinal: true)
        }
        self.path = path
        self.file = file
        self.limit = limit
        self.name = name
    }

    private static let preparation: Void = downloading_prepare()

    /// Asks for what comes behind the first `present` bytes, and returns when all is there.
    func receive(_ url: String, from present: Int64, timeout: TimeInterval) throws {
        Self.preparation
        var message = [CChar](repeating: 0, count: 256)
        let status = url.withCString { url in
            var request = downloading_request(
                url: url, first: present, limit: limit, timeout: max(1, Int(timeout.rounded(.up))),
                context: Unmanaged.passUnretained(self).toOpaque(),
                head: { context, status, length in Receiver.of(context)?.begin(status, length) ?? false },
                body: { context, bytes, count in
                    Receiver.of(context)?.take(UnsafeRawBufferPointer(start: bytes, count: Int(count))) ?? false
                })
            return downloading_run(&request, &message)
        }
        progress?.finish()
        try? file.close()
        let reason = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        switch status {
        case DOWNLOADING_DONE, DOWNLOADING_STOPPED: break
        case DOWNLOADING_TOO_LARGE: refuseLength()
        case DOWNLOADING_LED_ASTRAY:
            failure = DownloadError(
                "\(name): the server sends us on to where it is not followed: \(reason)", isFinal: true)
        default: failure = failure ?? DownloadError("\(name): \(reason)")
        }
        if isTooLong { unlink(path) }
        if let failure { throw failure }
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> Receiver? {
        context.map { Unmanaged<Receiver>.fromOpaque($0).takeUnretainedValue() }
    }

    /// - Parameters:
    ///   - status: HTTP's.
    ///   - length: bytes that are to come, below 0 where the server does not say.
    private func begin(_ status: Int, _ length: Int64) -> Bool {
        do {
            switch status {
            case 206: size = Int64(try file.seekToEnd())
            // The whole file, asked for or not.
            case 200: try file.truncate(atOffset: 0)
            case 416:
                // What is there cannot be the beginning of what the server has.
                try file.truncate(atOffset: 0)
                failure = DownloadError("the server has less of \(name) than is already here")
            default:
                failure = DownloadError(
                    "the server answered \(status) for \(name)", isFinal: (400..<500).contains(status))
            }
        } catch {
            failure = DownloadError("cannot write \(name): \(error.localizedDescription)", isFinal: true)
        }
        checkLimit(length)
        if failure == nil { progress = TransferProgress(name: name, present: size, expected: length) }
        return failure == nil
    }

    /// - Parameter more: bytes that are to come.
    private func checkLimit(_ more: Int64) {
        if failure == nil, more > limit - size { refuseLength() }
    }

    private func refuseLength() {
        isTooLong = true
        failure = DownloadError("\(name) has more than the \(limit) bytes that are taken", isFinal: true)
    }

    private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        checkLimit(Int64(bytes.count))
        guard failure == nil else { return false }
        do {
            try file.write(contentsOf: Data(bytes))
            size += Int64(bytes.count)
            progress?.add(bytes.count)
        } catch {
            failure = DownloadError("cannot write \(name): \(error.localizedDescription)", isFinal: true)
        }
        return failure == nil
    }
}

/// A bar on a terminal, a line every tenth elsewhere, on standard error.
private struct TransferProgress {
    private let name: String
    private let total: Int64
    private var received: Int64
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var lastTenth: Int64 = -1
    private var lastDrawn = 0.0

    /// - Parameter expected: bytes that are still to come, negative where the server does not say.
    init(name: String, present: Int64, expected: Int64) {
        self.name = name
        received = present
        total = expected < 0 ? -1 : present + expected
    }

    var isComplete: Bool { total < 0 || received >= total }

    mutating func add(_ count: Int) {
        received += Int64(count)
        let megabytes = String(format: "%.1f MB", Double(received) / 1e6)
        guard total > 0 else {
            draw("\(name): \(megabytes)")
            return
        }
        let share = Double(received) / Double(total)
        let of = String(format: "%.1f MB", Double(total) / 1e6)
        if isTerminal {
            let width = Int(30 * share)
            let bar = String(repeating: "=", count: width) + String(repeating: ".", count: max(30 - width, 0))
            draw("\(name) [\(bar)] \(megabytes) of \(of)")
        } else if received * 10 / total > lastTenth {
            lastTenth = received * 10 / total
            write("\(name): \(megabytes) of \(of)\n")
        }
    }

    private mutating func draw(_ line: String) {
        let now = ProcessInfo.processInfo.systemUptime
        guard isTerminal, now - lastDrawn > 0.1 || isComplete else { return }
        lastDrawn = now
        write("\r\u{1B}[K\(line)")
    }

    func finish() { if isTerminal { write("\n") } }

    private func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
}
