import ArgumentParser
import Foundation
import HDF5
import PyImageSearch
import Terminal

/// A command whose errors are one line on standard error, whatever goes wrong, with an exit status that is not 0.
public protocol ChapterCommand: ParsableCommand {}

extension ChapterCommand {
    public static func main() {
        ThreadWaiting.shorten()
        // A file that may not grow is an error to report, as a full disk is; and hours of work do not end because nobody
        // reads any longer what they print.
        signal(SIGXFSZ, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        HDF5Crash.endWithOneLine()
        // Whatever signal ends it, a progress bar's line is ended first.
        Interruption.stopListening()
        var status = runToEnd()
        OutputFiles.release()
        // As a shell says it of a program that a signal has ended: what was to come after this one is not to come.
        if status == 0, let signal = Interruption.signal { status = 128 + signal }
        if status != 0 { Foundation.exit(status) }
    }

    /// Runs the command, and says what went wrong.
    ///
    /// - Returns: the exit status. The program ends only after that, when all that was in use here has been given back.
    private static func runToEnd() -> Int32 {
        do {
            try OpenFiles.checkLimit()
            var command = try parseAsRoot()
            try command.run()
            return 0
        } catch {
            let code = exitCode(for: error)
            Terminal.endLine()
            fflush(nil)
            // Asking for help is no error, and some have said already what was wrong.
            if code == .success {
                print(fullMessage(for: error))
            } else if !(error is ExitCode) {
                // A name that is too long for the system is too long for the reader too.
                let message = message(for: error).onOneLine.prefix(2000)
                try? FileHandle.standardError.write(contentsOf: Data("error: \(message)\n".utf8))
            }
            return code.rawValue
        }
    }
}

extension String {
    /// Its lines as one, without the characters that command a terminal: a file's name may hold both.
    fileprivate var onOneLine: String {
        let line = split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .joined(separator: " ")
        return String(
            UnicodeScalarView(line.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}

/// What a chapter says of its steps, as the original scripts do.
public func info(_ message: String) {
    Terminal.eraseLine()
    print("[INFO] \(message)")
    fflush(nil)
}
