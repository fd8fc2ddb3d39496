/// The program's arguments.
public enum ProgramArguments {
    /// The program and its arguments, byte for byte. Swift's own list repairs invalid UTF-8, which names another file.
    public static let all: [String] = (0..<Int(CommandLine.argc)).compactMap { index in
        CommandLine.unsafeArgv[index].map { String(path: $0) }
    }
}
