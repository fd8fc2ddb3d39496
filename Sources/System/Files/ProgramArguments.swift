import Foundation

/// The program's arguments.
public enum ProgramArguments {
    /// The program and its arguments, byte for byte. Swift's own list repairs invalid UTF-8, which names another file.
    public static let all: [String] = (0..<Int(CommandLine.argc)).compactMap { index in
        CommandLine.unsafeArgv[index].map { String(path: $0) }
    }
}

extension String {
    /// Quoted so that a shell reads it as one word.
    public var shellQuoted: String {
        let harmless = allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+=:,@%".contains($0)) }
        if harmless, !isEmpty { return self }
        let quoted = replacingOccurrences(of: "'", with: "'\\''")
        guard printablePath != self || contains(where: \.isNewline) else { return "'\(quoted)'" }
        // bash and zsh have a notation for bytes that are not text, and for line breaks.
        let escaped = pathBytes.map { byte in
            switch byte {
            case UInt8(ascii: "'"), UInt8(ascii: "\\"): "\\" + String(Unicode.Scalar(byte))
            case 0x20..<0x7F: String(Unicode.Scalar(byte))
            default: "\\x" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return "$'\(escaped.joined())'"
    }
}
