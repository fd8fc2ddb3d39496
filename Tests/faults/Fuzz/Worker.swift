import Foundation
import HDF5
import Synchronization

/// The child process: it reads one input after the other, and reports the number of each before.
struct Worker: Sendable {
    let target: FuzzTarget
    let seed: UInt64
    /// The limit of address space in bytes, 0 for none.
    let memory: Int

    /// The child's messages to its parent, one line each: the number of the input that it begins, then the result.
    enum Line {
        static let begin = "begin"
        static let accepted = "accepted"
        static let refused = "refused"
        static let unclear = "unclear"
        static let done = "done"
    }

    /// On a thread of its own, like the readers of data sets, because such a thread has a smaller stack.
    func run(_ numbers: Range<Int>) throws {
        let result = Mutex<Result<Void, any Error>?>(nil)
        let isDone = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            let outcome = Result { try read(numbers) }
            result.withLock { $0 = outcome }
            isDone.signal()
        }
        isDone.wait()
        try result.withLock { $0 }?.get()
    }

    private func read(_ numbers: Range<Int>) throws {
        // Only the messages go to standard output, whatever a library prints.
        let report = dup(STDOUT_FILENO)
        dup2(STDERR_FILENO, STDOUT_FILENO)
        if memory > 0 {
            var limit = rlimit(rlim_cur: rlim_t(memory), rlim_max: rlim_t(memory))
            setrlimit(Self.addressSpace, &limit)
        }
        func say(_ line: String) { _ = (line + "\n").withCString { write(report, $0, strlen($0)) } }

        // As in every program of this package.
        HDF5Crash.endWithOneLine()
        let starts = try target.starts()
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("input")
        for number in numbers {
            say("\(Line.begin) \(number)")
            // If the parent ends, the child ends too, even in an endless input.
            alarm(300)
            let input = try target.input(number, seed: seed, from: starts)
            try Data(input).write(to: file)
            say(Self.outcome { try target.read(input, file.path) })
        }
        say(Line.done)
    }

    /// The result of reading an input, as a line.
    static func outcome(_ read: () throws -> Void) -> String {
        do {
            try read()
            return Line.accepted
        } catch {
            let type = String(reflecting: Swift.type(of: error))
            let message = "\(error)".split(separator: "\n", omittingEmptySubsequences: false)
            let isOurs = !["Swift.", "Foundation", "__C."].contains { type.hasPrefix($0) }
            let isClear = isOurs && message.count == 1 && (1...2000).contains(message[0].utf8.count)
            return "\(isClear ? Line.refused : Line.unclear) \(type): \(message.joined(separator: " | ").prefix(2000))"
        }
    }

    #if os(Linux)
        private static let addressSpace = __rlimit_resource_t(RLIMIT_AS.rawValue)
    #else
        private static let addressSpace = RLIMIT_AS
    #endif
}
