import Foundation
import HDF5

/// This program, started again as a process that may crash.
final class Child {
    enum Report {
        case line(String)
        /// Nothing came before the timeout.
        case silence
        /// The process has closed its end.
        case end
    }

    private let process = Process()
    private let output = Pipe()
    private let errors: URL
    private var waiting: [UInt8] = []

    init(target: String, seed: UInt64, numbers: Range<Int>, memory: Int) throws {
        errors = FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-\(UUID().uuidString).txt")
        _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
        process.executableURL = Bundle.main.executableURL
        process.arguments = [
            target, "--seed", "\(seed)", "--first", "\(numbers.lowerBound)", "--inputs", "\(numbers.count)",
            "--worker-memory", "\(memory)",
        ]
        // Swift takes seconds for a backtrace, which nobody reads.
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        try output.fileHandleForWriting.close()
    }

    deinit { try? FileManager.default.removeItem(at: errors) }

    func line(within seconds: Double) -> Report {
        let descriptor = output.fileHandleForReading.fileDescriptor
        while true {
            if let end = waiting.firstIndex(of: UInt8(ascii: "\n")) {
                defer { waiting.removeSubrange(...end) }
                return .line(String(decoding: waiting[..<end], as: UTF8.self))
            }
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = Foundation.poll(&poll, 1, Int32(seconds * 1000))
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return .silence }
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(descriptor, &bytes, bytes.count)
            guard count > 0 else { return .end }
            waiting += bytes[..<count]
        }
    }

    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// How the process ended, and its first line of output.
    func end() -> (text: String, isLibHDF5: Bool) {
        process.waitUntilExit()
        let way = process.terminationReason == .uncaughtSignal ? "signal" : "exit with status"
        let said = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
        let first = said.split(whereSeparator: \.isNewline).first.map { ": \($0.prefix(300))" } ?? ""
        let isLibHDF5 = process.terminationReason == .exit && process.terminationStatus == HDF5Crash.exitStatus
        return ("\(way) \(process.terminationStatus)\(first)", isLibHDF5)
    }
}
