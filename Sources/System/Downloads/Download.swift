import CDownloading
import Foundation

/// A download that can be interrupted and then resumes where it stopped.
///
/// The file `<path>.part` holds what has arrived. A server that cannot send only the rest sends the whole file again.
/// Redirects are followed, but not from HTTPS to HTTP.
public struct Download: Sendable {
    /// The address of the file.
    public let url: URL
    /// The path at which the finished file appears.
    public let path: String
    /// The number of attempts before a broken connection is an error.
    public var attempts = 3
    /// The number of seconds without a byte after which a connection counts as broken.
    public var timeout: TimeInterval = 30
    /// The largest number of bytes. Nothing is kept of a longer or endless file.
    public var limit = 1 << 30
    /// Whether progress is shown.
    public var verbose = true

    public init(url: URL, path: String) {
        self.url = url
        self.path = path
    }

    /// Downloads, with a progress bar.
    ///
    /// - Throws: ``DownloadError`` if the server does not answer, refuses, sends too much, or the connection breaks too
    ///   often.
    public func run() throws {
        var lastError: any Error = DownloadError("no attempt was made")
        for attempt in 0..<max(attempts, 1) {
            if attempt > 0 { Thread.sleep(forTimeInterval: Double(attempt) * 0.5) }
            do {
                try transfer()
                guard partial.withPath({ old in path.withPath { rename(old, $0) } }) == 0 else {
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

    /// Downloads the file if it is not there, and checks it. A file with another checksum is thrown away.
    ///
    /// - Parameter md5: the published checksum, in hexadecimal.
    /// - Throws: ``DownloadError`` as ``run()``, and for another checksum; ``FileError`` if the file cannot be read.
    public func run(expecting md5: String) throws {
        if !FileSystem.exists(path) { try run() }
        let found = try System.md5(ofFile: path, verbose: verbose)
        guard found == md5 else {
            FileSystem.remove(path)
            throw DownloadError(
                "\(url) has MD5 \(found), but \(md5) is published; the file was thrown away, try again", isFinal: true)
        }
    }

    private var partial: String { path + ".part" }

    private func transfer() throws {
        // Do not write through a link, or wait for a pipe.
        if FileSystem.exists(partial) || FileSystem.isLink(partial),
            !FileSystem.isFile(partial) || FileSystem.isLink(partial)
        {
            throw DownloadError("\(partial) is in the way, and is not a regular file; remove it", isFinal: true)
        }
        let present = Int64(FileSystem.size(of: partial) ?? 0)
        let receiver = try Receiver(
            file: partial, limit: Int64(limit), name: url.lastPathComponent, verbose: verbose)
        try receiver.receive(url.absoluteString, from: present, timeout: timeout)
    }
}

/// The error of a download that failed.
public struct DownloadError: Error, CustomStringConvertible, Equatable {
    /// One line with the reason.
    public let description: String
    /// Whether another attempt would fail too.
    let isFinal: Bool

    init(_ description: String, isFinal: Bool = false) {
        self.description = description
        self.isFinal = isFinal
    }
}

/// Writes each piece to the file as it arrives, so that an archive is never in memory as a whole.
private final class Receiver {
    private let path: String
    private let file: FileHandle
    private let limit: Int64
    private let name: String
    private let verbose: Bool
    /// The number of bytes in the file.
    private var size: Int64 = 0
    private var isTooLong = false
    private var failure: DownloadError?
    /// The number of bytes that the file will have, if the server reports it.
    private var expected: Int64?
    private var bar: ProgressBar?

    init(file path: String, limit: Int64, name: String, verbose: Bool) throws {
        let descriptor = path.withPath { open($0, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666) }
        guard descriptor >= 0 else {
            throw DownloadError("cannot write \(path): \(String(cString: strerror(errno)))", isFinal: true)
        }
        self.path = path
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        self.limit = limit
        self.name = name
        self.verbose = verbose
    }

    private static let preparation: Void = downloading_prepare()

    /// Requests the bytes after the first `present`, and returns when all have arrived.
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
        try? file.close()
        let reason = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        switch status {
        case DOWNLOADING_DONE, DOWNLOADING_STOPPED: break
        case DOWNLOADING_TOO_LARGE: refuseLength()
        case DOWNLOADING_LED_ASTRAY:
            failure = DownloadError(
                "\(name): the server redirects to an address that is not followed: \(reason)", isFinal: true)
        default: failure = failure ?? DownloadError("\(name): \(reason)")
        }
        if failure == nil { bar?.finish(Int(size)) } else { bar?.stop() }
        // A request without data leaves no file.
        if isTooLong || FileSystem.size(of: path) == 0 { FileSystem.remove(path) }
        if let failure { throw failure }
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> Receiver? {
        context.map { Unmanaged<Receiver>.fromOpaque($0).takeUnretainedValue() }
    }

    /// - Parameters:
    ///   - status: the HTTP status.
    ///   - length: the number of bytes to come, below 0 if the server does not report it.
    private func begin(_ status: Int, _ length: Int64) -> Bool {
        do {
            switch status {
            case 206: size = Int64(try file.seekToEnd())
            // The server sends the whole file, even if only the rest was requested.
            case 200: try file.truncate(atOffset: 0)
            case 416:
                // The part cannot be the beginning of the server's file.
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
        if failure == nil {
            expected = length < 0 ? nil : size + length
            if verbose {
                bar = ProgressBar(name, total: expected.map { Int($0) }, first: Int(size), unit: .bytes)
            }
        }
        return failure == nil
    }

    /// - Parameter more: the number of bytes to come.
    private func checkLimit(_ more: Int64) {
        if failure == nil, more > limit - size { refuseLength() }
    }

    private func refuseLength() {
        isTooLong = true
        failure = DownloadError("\(name) has more than the \(limit) bytes that are downloaded", isFinal: true)
    }

    private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        checkLimit(Int64(bytes.count))
        guard failure == nil else { return false }
        do {
            try file.write(contentsOf: Data(bytes))
            size += Int64(bytes.count)
            bar?.update(Int(size))
        } catch {
            failure = DownloadError("cannot write \(name): \(error.localizedDescription)", isFinal: true)
        }
        return failure == nil
    }
}
