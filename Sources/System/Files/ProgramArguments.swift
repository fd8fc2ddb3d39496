/// What the program was started with.
public enum ProgramArguments {
    /// The program and its arguments, byte for byte: Swift's own list repairs what is not UTF-8, and then names another file.
    public static let all: [String] = (0..<Int(CommandLine.argc)).compactMap { index in
        CommandLine.unsafeArgv[index].map { String(path: $0) }
    }
}
