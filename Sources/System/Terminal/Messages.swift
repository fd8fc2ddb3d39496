import Foundation

/// Ends the program with one line on standard error and status 1. For a mistake of the author of a network, a data set
/// or a training program, in a call that cannot throw.
///
/// In an optimized library, `precondition` would print a register dump in place of its message.
public func stop(_ message: String) -> Never {
    reportError(message)
    // Not `exit`, which would destroy globals that other threads still use.
    _exit(1)
}

/// Reports the error that ends a program, with one line on standard error.
public func reportError(_ message: String) {
    let hadOpenLine = Terminal.endLine()
    fflush(nil)
    // A launcher may forward the end of that line after the error.
    writeLine("error: \(message)", onNewLine: hadOpenLine && Terminal.isForwarded)
}

/// Warns the user with one line on standard error. The program continues.
public func warn(_ message: String) {
    Terminal.eraseLine()
    Terminal.announce(.text("[WARNING] \(message.onOneLine)"))
    writeLine("[WARNING] \(message)")
}

/// Reports a step of a program on standard output, as the original scripts do: `[INFO] loading data...`.
public func info(_ message: String) {
    Terminal.show("[INFO] \(message.printablePath)")
}

/// Writes `text` as one line to standard error.
///
/// - Parameter onNewLine: whether the line before it has to be ended first.
public func writeLine(_ text: String, onNewLine: Bool = false) {
    // A longer line could only hold a name too long for the system.
    let line = (onNewLine ? "\n" : "") + text.onOneLine.prefix(2000)
    try? FileHandle.standardError.write(contentsOf: Data("\(line)\n".utf8))
}

extension String {
    /// The text as one line without control characters. A file's name may contain line breaks and terminal commands.
    fileprivate var onOneLine: String {
        split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
            .replacingControlCharacters()
    }
}
