import Foundation
import Terminal

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

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
    /// Whether progress is shown.
    public var verbose = true

    public init(url: URL, path: String) {
        self.url = url
        self.path = path
    }

    /// Downloads, with a progress bar.
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
        var request = URLRequest(url: url, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: timeout)
        if present > 0 { request.setValue("bytes=\(present)-", forHTTPHeaderField: "Range") }
        let receiver = try Receiver(
            file: partial, limit: Int64(limit), name: url.lastPathComponent, verbose: verbose)
        let session = URLSession(configuration: .ephemeral, delegate: receiver, delegateQueue: nil)
        defer { session.invalidateAndCancel() }
        session.dataTask(with: request).resume()
        try receiver.wait()
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
private final class Receiver: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    // The session calls its delegate from one queue; the waiting thread reads `failure` after `done` is signalled.
    private let path: String
    private let file: FileHandle
    private let limit: Int64
    private let name: String
    private let verbose: Bool
    /// Bytes in the file.
    private var size: Int64 = 0
    private var isTooLong = false
    private let done = DispatchSemaphore(value: 0)
    private var failure: DownloadError?
    /// Bytes that the file will have, where the server says how many.
    private var expected: Int64?
    private var bar: ProgressBar?

    init(file path: String, limit: Int64, name: String, verbose: Bool) throws {
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
        self.verbose = verbose
    }

    func wait() throws {
        done.wait()
        try? file.close()
        if isTooLong { unlink(path) }
        if let failure { throw failure }
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        let (old, new) = (response.url?.scheme?.lowercased(), request.url?.scheme?.lowercased())
        guard new == "https" || (new == "http" && old == "http") else {
            failure = DownloadError(
                "\(name): the server sends us on to \(request.url?.absoluteString ?? "nowhere"), which is not followed",
                isFinal: true)
            completionHandler(nil)
            return
        }
        completionHandler(request)
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        guard failure == nil else {
            completionHandler(.cancel)
            return
        }
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
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
        checkLimit(response.expectedContentLength)
        if failure == nil {
            let more = response.expectedContentLength
            expected = more < 0 ? nil : size + more
            if verbose {
                bar = ProgressBar(name, total: expected.map { Int($0) }, first: Int(size), unit: .bytes)
            }
        }
        completionHandler(failure == nil ? .allow : .cancel)
    }

    /// - Parameter more: bytes that are to come.
    private func checkLimit(_ more: Int64) {
        guard failure == nil, more > limit - size else { return }
        isTooLong = true
        failure = DownloadError("\(name) has more than the \(limit) bytes that are taken", isFinal: true)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        checkLimit(Int64(data.count))
        guard failure == nil else {
            dataTask.cancel()
            return
        }
        do {
            try file.write(contentsOf: data)
            size += Int64(data.count)
            bar?.update(Int(size))
        } catch {
            failure = DownloadError("cannot write \(name): \(error.localizedDescription)", isFinal: true)
            dataTask.cancel()
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if failure == nil {
            if let error {
                failure = DownloadError("\(name): \(error.localizedDescription)")
            } else if let expected, size < expected {
                failure = DownloadError("\(name): the connection broke off")
            }
        }
        if failure == nil { bar?.finish(Int(size)) } else { bar?.stop() }
        done.signal()
    }
}
