import ArgumentParser
import Foundation

/// A command whose errors are one line on standard error, whatever goes wrong, with an exit status that is not 0.
public protocol ChapterCommand: ParsableCommand {}

extension ChapterCommand {
    public static func main() {
        ThreadWaiting.shorten()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            let code = exitCode(for: error)
            // Asking for help is no error.
            guard code != .success else { exit(withError: error) }
            fflush(nil)
            // A name that is too long for the system is too long for the reader too.
            let message = message(for: error).split(separator: "\n").first ?? "failed"
            FileHandle.standardError.write(Data("error: \(message.prefix(2000).printable)\n".utf8))
            Foundation.exit(code.rawValue)
        }
    }
}

extension Substring {
    /// Without the characters that command a terminal, which a file's name may hold as well as any others.
    fileprivate var printable: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}

/// What a chapter says of its steps, as the original scripts do.
public func info(_ message: String) {
    print("[INFO] \(message)")
    fflush(nil)
}
