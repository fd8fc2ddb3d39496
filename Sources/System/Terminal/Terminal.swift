import Foundation
import Synchronization

/// The standard output stream, where it is a terminal: how wide it is, and whether its last line is still open.
///
/// A progress bar draws its line again and again without ending it. Whoever prints something else asks for an end of
/// that line first: ``eraseLine()`` before a message of work that goes on, ``endLine()`` where the work is over.
public enum Terminal {
    /// Whether a line can be drawn anew: not in a file, not in a pipe, and not on a terminal that knows no commands
    /// (`TERM` is unset, empty or `dumb`).
    public static var isInteractive: Bool {
        isatty(STDOUT_FILENO) == 1 && understandsCommands(ProcessInfo.processInfo.environment["TERM"])
    }

    static func understandsCommands(_ kind: String?) -> Bool { !["", "dumb"].contains(kind ?? "") }

    /// Columns, at this moment: a window may be resized. Where the terminal does not say, `$COLUMNS`, or else 80.
    public static var width: Int {
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
        return width(
            window: isKnown ? Int(size.ws_col) : 0, columns: ProcessInfo.processInfo.environment["COLUMNS"])
    }

    static func width(window: Int, columns: String?) -> Int {
        if window > 0 { return window }
        return columns.flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 80
    }

    private static let hasOpenLine = Atomic<Bool>(false)

    /// Draws the last line anew; it stays open.
    static func draw(_ line: String) {
        hasOpenLine.store(true, ordering: .relaxed)
        put("\(Self.erasing)\(line)")
    }

    /// Ends the line that a progress bar has left open, if one has, and leaves what stands in it.
    public static func endLine() {
        if hasOpenLine.exchange(false, ordering: .relaxed) { put("\n") }
    }

    /// Erases the line that a progress bar has left open, if one has: the bar will draw itself anew.
    public static func eraseLine() {
        if hasOpenLine.exchange(false, ordering: .relaxed) { put(erasing) }
    }

    /// ``endLine()`` for a signal handler, which may call next to nothing.
    ///
    /// - Returns: whether a line was open.
    @discardableResult
    public static func endLineWithinSignalHandler() -> Bool {
        guard hasOpenLine.exchange(false, ordering: .relaxed) else { return false }
        let newline: StaticString = "\n"
        write(STDOUT_FILENO, newline.utf8Start, newline.utf8CodeUnitCount)
        return true
    }

    private static let erasing = "\r\u{1B}[K"

    static func put(_ text: String) {
        print(text, terminator: "")
        fflush(nil)
    }
}
