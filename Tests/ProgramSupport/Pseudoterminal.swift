import Foundation

/// A pseudoterminal: programs take it for a terminal, and their output is kept.
public final class Pseudoterminal {
    private let main: FileHandle
    private let secondary: FileHandle
    private var received = Data()

    public struct Failed: Error {}

    public init(columns: UInt16, rows: UInt16 = 24) throws {
        var (descriptor, other) = (Int32(-1), Int32(-1))
        guard openpty(&descriptor, &other, nil, nil, nil) == 0 else { throw Failed() }
        main = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        secondary = FileHandle(fileDescriptor: other, closeOnDealloc: true)
        resize(columns: columns, rows: rows)
    }

    public func resize(columns: UInt16, rows: UInt16 = 24) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(main.fileDescriptor, UInt(TIOCSWINSZ), &size)
    }

    /// Runs a program in the terminal to its end.
    ///
    /// - Parameters:
    ///   - kind: the terminal's `$TERM`; not set if `nil`.
    ///   - keys: texts to wait for; Ctrl+C is pressed after each.
    ///   - prompt: a text after which Return is pressed, each time.
    public func run(
        _ name: String, _ arguments: [String], in folder: String, kind: String? = "xterm-256color",
        interruptAfter keys: [String] = [], returnAfter prompt: String? = nil
    ) throws -> (status: Int32, reason: Process.TerminationReason) {
        let process = Process()
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.executableURL = URL(fileURLWithPath: Command.folder).appendingPathComponent(name)
        process.arguments = arguments
        var environment = ProcessInfo.processInfo.environment
        environment["TERM"] = kind
        process.environment = environment
        (process.standardInput, process.standardOutput, process.standardError) = (secondary, secondary, secondary)
        try process.run()
        var (keys, position) = (keys[...], 0)
        var prompts = 0
        while process.isRunning || hasMore() {
            if hasMore() { received += main.availableData } else { usleep(2_000) }
            if let prompt, output.components(separatedBy: prompt).count - 1 > prompts {
                prompts += 1
                try main.write(contentsOf: Data("\n".utf8))
            }
            guard let key = keys.first else { continue }
            let new = String(decoding: received.dropFirst(position), as: UTF8.self)
            guard new.contains(key) else { continue }
            (keys, position) = (keys.dropFirst(), received.count)
            kill(process.processIdentifier, SIGINT)
        }
        process.waitUntilExit()
        return (process.terminationStatus, process.terminationReason)
    }

    private func hasMore() -> Bool {
        var polled = pollfd(fd: main.fileDescriptor, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, 0) > 0 && polled.revents & Int16(POLLIN) != 0
    }

    /// The whole output, with control characters.
    public var output: String { String(decoding: received, as: UTF8.self) }

    /// The lines on an endless screen of this many columns, where full lines wrap, and the number of wraps.
    public func screen(columns: Int) -> (lines: [String], wrapped: Int) {
        var (lines, column, wrapped) = ([[Character]()], 0, 0)
        var rest = Array(output.replacing("\u{1B}[K", with: "\u{1}"))[...]
        while let character = rest.popFirst() {
            switch character {
            case "\r\n", "\n":
                lines.append([])
                column = 0
            case "\r": column = 0
            case "\u{1}": lines[lines.count - 1].removeSubrange(min(column, lines[lines.count - 1].count)...)
            default:
                if column == columns {
                    lines.append([])
                    (column, wrapped) = (0, wrapped + 1)
                }
                if column < lines[lines.count - 1].count {
                    lines[lines.count - 1][column] = character
                } else {
                    lines[lines.count - 1].append(character)
                }
                column += 1
            }
        }
        return (lines.map { String($0) }, wrapped)
    }
}
