import Foundation

/// Ends the program with one line on standard error, and status 1: for a mistake of the author of a network, a data set
/// or a training, where a call cannot throw.
///
/// `precondition` loses its text where the library is optimised, and prints a register dump in its place.
public func stop(_ message: String) -> Never {
    Terminal.endLine()
    fflush(nil)
    writeLine("error: \(message)")
    // Not `exit`: other threads may still compute with what it would take down.
    _exit(1)
}

/// What a user should know and need not act on: one line on standard error. Nothing ends.
public func warn(_ message: String) {
    Terminal.eraseLine()
    writeLine("[WARNING] \(message)")
}

/// Reports a step of a program on standard output, as the original scripts do: `[INFO] loading data...`.
public func info(_ message: String) {
    Terminal.eraseLine()
    print("[INFO] \(message.printablePath)")
    fflush(nil)
}

/// Writes `text`, as one line, to standard error.
public func writeLine(_ text: String) {
    // A name that is too long for the system is too long for the reader too.
    let line = text.onOneLine.prefix(2000)
    try? FileHandle.standardError.write(contentsOf: Data("\(line)\n".utf8))
}

extension String {
    /// Its lines as one, without the characters that command a terminal: a file's name may hold both.
    fileprivate var onOneLine: String {
        split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
            .replacingControlCharacters()
    }
}
