import Foundation

/// A web server on this machine with one file, which misbehaves as configured.
final class FileServer: @unchecked Sendable {  // All state is behind `lock`.
    private let bytes: [UInt8]
    private let socket: Int32
    private let lock = NSLock()
    private var state = State()

    private struct State {
        var requests: [String] = []
        var bytesSent = 0
        var breakAfter: Int?
        var ignoresRanges = false
        var status = 200
        var head: String?
        var isEndless = false
    }

    let url: String

    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        #if canImport(Darwin)
            let stream = SOCK_STREAM
        #else
            let stream = Int32(SOCK_STREAM.rawValue)
        #endif
        socket = Foundation.socket(AF_INET, stream, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = socket
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        guard bound else { throw CocoaError(.fileReadUnknown) }
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/cifar-10-binary.tar.gz"
        Thread { [weak self, descriptor] in
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { return }
                self?.answer(client)
                close(client)
            }
        }.start()
    }

    deinit {
        shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
    }

    var requests: [String] { lock.withLock { state.requests } }
    var bytesSent: Int { lock.withLock { state.bytesSent } }
    /// The first response breaks off after this many bytes.
    var breakAfter: Int? {
        get { lock.withLock { state.breakAfter } }
        set { lock.withLock { state.breakAfter = newValue } }
    }
    var ignoresRanges: Bool {
        get { lock.withLock { state.ignoresRanges } }
        set { lock.withLock { state.ignoresRanges = newValue } }
    }
    var status: Int {
        get { lock.withLock { state.status } }
        set { lock.withLock { state.status = newValue } }
    }

    /// The whole head of every response, without its last, empty line.
    var head: String? {
        get { lock.withLock { state.head } }
        set { lock.withLock { state.head = newValue } }
    }
    /// After the file, zeros follow as long as the client reads.
    var isEndless: Bool {
        get { lock.withLock { state.isEndless } }
        set { lock.withLock { state.isEndless = newValue } }
    }

    private func answer(_ client: Int32) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let received = recv(client, &buffer, buffer.count, 0)
        let request = String(decoding: buffer.prefix(max(received, 0)), as: UTF8.self)
        lock.withLock { state.requests.append(request) }

        var first = 0
        if !ignoresRanges, let match = request.firstMatch(of: /[Rr]ange: bytes=(\d+)-/) { first = Int(match.1) ?? 0 }
        let body = bytes[min(first, bytes.count)...]
        let code = status != 200 ? status : first > 0 ? 206 : 200
        var head = "HTTP/1.1 \(code) Answer\r\nContent-Length: \(body.count)\r\nConnection: close\r\n"
        if code == 206 { head += "Content-Range: bytes \(first)-\(bytes.count - 1)/\(bytes.count)\r\n" }
        send(client, Array(((self.head ?? head) + "\r\n").utf8)[...])
        guard code < 400 else { return }
        if let limit = breakAfter {
            breakAfter = nil
            send(client, body.prefix(limit), counting: true)
        } else {
            send(client, body, counting: true)
            let zeros = [UInt8](repeating: 0, count: 1 << 16)[...]
            while isEndless, send(client, zeros, counting: true) {}
        }
    }

    /// - Returns: whether the client read it.
    @discardableResult
    private func send(_ client: Int32, _ bytes: ArraySlice<UInt8>, counting: Bool = false) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Foundation.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return false }
            if counting { lock.withLock { state.bytesSent += sent } }
            rest = rest.dropFirst(sent)
        }
        return true
    }
}
