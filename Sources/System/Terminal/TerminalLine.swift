import Foundation

/// A line that is drawn anew as work goes on, ten times a second at most, and in the end makes room for a record of the
/// work. Where there is no terminal, only the record is written, as one plain line.
public final class TerminalLine {
    /// Where lines go, and what time it is.
    public struct Output {
        let isInteractive: Bool
        let width: () -> Int
        /// Draws the open line anew.
        let draw: (String) -> Void
        /// Erases the open line, where one is.
        let erase: () -> Void
        /// Ends the open line, where one is.
        let end: () -> Void
        let write: (String) -> Void
        /// Seconds, of a clock that nobody sets.
        let now: () -> Double

        public static var standard: Output {
            Output(
                isInteractive: Terminal.isInteractive, width: { Terminal.width }, draw: Terminal.draw,
                erase: Terminal.eraseLine, end: Terminal.endLine, write: Terminal.put,
                now: { ProcessInfo.processInfo.systemUptime })
        }

        /// For tests: all that would be printed goes to `write`.
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
                }, erase: { close("\r\u{1B}[K") }, end: { close("\n") }, write: write, now: now)
        }
    }

    private static let interval = 0.1
    private let output: Output
    private var nextDrawing: Double
    private var isDrawn = false

    /// - Parameter delay: seconds from now in which nothing is drawn.
    public init(_ output: Output = .standard, delay: Double = 0) {
        self.output = output
        nextDrawing = output.now() + delay
    }

    deinit { end() }

    public var isInteractive: Bool { output.isInteractive }
    public var now: Double { output.now() }

    /// Draws what `line` makes, where there is a terminal, and not too soon after the last time.
    public func draw(_ line: () -> ProgressLine) {
        let now = output.now()
        guard isInteractive, now >= nextDrawing else { return }
        nextDrawing = now + Self.interval
        output.draw(line().text(width: output.width()))
        isDrawn = true
    }

    /// Writes what is to be kept in place of the line; on a terminal over as many lines as it needs.
    public func write(_ pieces: [String], separator: String = " - ") {
        output.erase()
        isDrawn = false
        let width = isInteractive ? output.width() : nil
        output.write(ProgressLine.record(pieces, separator: separator, width: width) + "\n")
    }

    /// Ends the line as it is: the work was broken off.
    public func end() {
        if isDrawn { output.end() }
        isDrawn = false
    }
}
