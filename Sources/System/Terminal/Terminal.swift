@preconcurrency import Foundation
import Synchronization

/// The terminal at standard output: its width, and whether its last line is still open.
///
/// A progress bar redraws its line without ending it. Code that prints something else first calls ``eraseLine()``, for a
/// message while work continues, or ``endLine()``, when the work is over.
public enum Terminal {
    /// Whether a line can be redrawn: not in a file or a pipe, and not on a terminal without commands (`TERM` is unset,
    /// empty or `dumb`).
    public static var isInteractive: Bool {
        isatty(STDOUT_FILENO) == 1 && understandsCommands(ProcessInfo.processInfo.environment["TERM"])
    }

    static func understandsCommands(_ kind: String?) -> Bool { !["", "dumb"].contains(kind ?? "") }

    /// The current number of columns, which changes when a window is resized. If the terminal does not report it,
    /// `$COLUMNS`, or else 80.
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

    /// Lets everything that is written to standard output vanish from now on. Errors still appear.
    public static func silence() {
        let nowhere = open("/dev/null", O_WRONLY)
        guard nowhere >= 0 else { return }
        dup2(nowhere, STDOUT_FILENO)
        close(nowhere)
    }

    private static let hasOpenLine = Atomic<Bool>(false)
    private static let forwarded = Atomic<Bool>(false)

    /// Whether a launcher forwards standard output and standard error each by itself, so that their order is lost.
    public static var isForwarded: Bool {
        get { forwarded.load(ordering: .relaxed) }
        set { forwarded.store(newValue, ordering: .relaxed) }
    }

    /// Redraws the last line and leaves it open.
    static func draw(_ line: String) {
        hasOpenLine.store(true, ordering: .relaxed)
        put("\(Self.erasing)\(line)")
    }

    /// Ends the line that a progress bar has left open, if there is one, and keeps its text.
    ///
    /// - Returns: whether there was one.
    @discardableResult
    public static func endLine() -> Bool {
        guard hasOpenLine.exchange(false, ordering: .relaxed) else { return false }
        put("\n")
        return true
    }

    /// Erases the line that a progress bar has left open, if there is one. The bar will redraw it.
    public static func eraseLine() {
        if hasOpenLine.exchange(false, ordering: .relaxed) { put(erasing) }
    }

    /// ``endLine()`` for a signal handler: it only calls functions that a handler may call.
    ///
    /// - Returns: whether a line was open.
    @discardableResult
    public static func endLineWithinSignalHandler() -> Bool {
        guard hasOpenLine.exchange(false, ordering: .relaxed) else { return false }
        let newline: StaticString = "\n"
        write(STDOUT_FILENO, newline.utf8Start, newline.utf8CodeUnitCount)
        return true
    }

    /// Whether standard output could not be written to the end, such as to a full disk. A pipe whose reader has left has
    /// lost nothing that anybody wants.
    public static var hasLostOutput: Bool {
        // One call for both: an earlier failure is remembered, and what waits in the buffer may fail now.
        guard fflush(stdout) != 0 || ferror(stdout) != 0 else { return false }
        var state = stat()
        guard fstat(STDOUT_FILENO, &state) == 0 else { return false }
        return [S_IFREG, S_IFCHR, S_IFBLK].contains(state.st_mode & S_IFMT)
    }

    private static let erasing = "\r\u{1B}[K"

    static func put(_ text: String) {
        print(text, terminator: "")
        fflush(nil)
    }
}
