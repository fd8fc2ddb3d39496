import Foundation

/// A line that is redrawn while work continues, at most ten times a second, and that a record of the work replaces in
/// the end. Without a terminal, only the record is written, as one plain line.
public final class TerminalLine {
    /// The destination of lines, and a clock.
    public struct Output {
        let isInteractive: Bool
        let width: () -> Int
        /// Redraws the open line.
        let draw: (String) -> Void
        /// Erases the open line, if there is one.
        let erase: () -> Void
        /// Ends the open line, if there is one.
        let end: () -> Void
        let write: (String) -> Void
        /// Passes a record on to those who listen.
        let announce: (String) -> Void
        /// Seconds of a monotonic clock.
        let now: () -> Double

        /// Standard output.
        public static var standard: Output {
            Output(
                isInteractive: Terminal.isInteractive, width: { Terminal.width }, draw: Terminal.draw,
                erase: Terminal.eraseLine, end: { Terminal.endLine() }, write: Terminal.put,
                announce: { Terminal.announce(.text($0)) },
                now: { ProcessInfo.processInfo.systemUptime })
        }

        /// An output for tests, which passes everything to `write`.
        public static func recording(
            isInteractive: Bool, width: @escaping () -> Int, now: @escaping () -> Double,
            write: @escaping (String) -> Void
        ) -> Output {
            var isOpen = false
            func close(_ text: String) {
                if isOpen { write(text) }
                isOpen = false
            }
            return Output(
                isInteractive: isInteractive, width: width,
                draw: {
                    isOpen = true
                    write("\r\u{1B}[K\($0)")
                }, erase: { close("\r\u{1B}[K") }, end: { close("\n") }, write: write, announce: { _ in },
                now: now)
        }
    }

    private static let interval = 0.1
    private let output: Output
    private var nextDrawing: Double
    private var isDrawn = false

    /// - Parameter delay: the number of seconds from now in which nothing is drawn.
    public init(_ output: Output = .standard, delay: Double = 0) {
        self.output = output
        nextDrawing = output.now() + delay
    }

    deinit { end() }

    public var isInteractive: Bool { output.isInteractive }
    public var now: Double { output.now() }

    /// Draws the line that `line` returns, if there is a terminal and the last drawing is old enough.
    public func draw(_ line: () -> ProgressLine) {
        let now = output.now()
        guard isInteractive, now >= nextDrawing else { return }
        nextDrawing = now + Self.interval
        output.draw(line().text(width: output.width()))
        isDrawn = true
    }

    /// Writes a record that replaces the line; on a terminal over as many lines as it needs.
    public func write(_ pieces: [String], separator: String = " - ") {
        output.erase()
        isDrawn = false
        output.announce(ProgressLine.record(pieces, separator: separator, width: nil))
        let width = isInteractive ? output.width() : nil
        output.write(ProgressLine.record(pieces, separator: separator, width: width) + "\n")
    }

    /// Ends the line as it is, for work that was interrupted.
    public func end() {
        if isDrawn { output.end() }
        isDrawn = false
    }
}
