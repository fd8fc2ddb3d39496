import ArgumentParser

/// The flag that walks through a chapter: prose, code, and what it prints.
public struct LectureOptions: ParsableArguments {
    @Option(
        name: .customLong("lecture"), defaultAsFlag: Self.returnKey, parsing: .next,
        help: ArgumentHelp(
            "Show prose and code before they run, and wait for Return; with a number, so many seconds.",
            valueName: "seconds"))
    var text: String?

    private static let returnKey = "Return"

    /// How long each section stays; `nil` without the flag.
    var pace: Lecture.Pace? {
        switch text {
        case nil: nil
        case Self.returnKey: .returnKey
        case let text?: Double(text).map { .seconds($0) }
        }
    }

    public init() {}

    public func validate() throws {
        if let text, text != Self.returnKey, !(0...3600).contains(Double(text) ?? -1) {
            throw ValidationError(
                "--lecture takes seconds, from 0 to 3600, or nothing: --lecture=20, or --lecture as the last word; "
                    + "not \"\(text)\"")
        }
    }
}
