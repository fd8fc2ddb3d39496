import ArgumentParser

/// The flag that walks through a chapter: prose, code, and what it prints.
struct LectureOptions: ParsableArguments {
    @Option(
        name: .customLong("lecture"), defaultAsFlag: .returnKey,
        help: ArgumentHelp(
            "Show prose and code before they run, and wait for Return; with a number, so many seconds.",
            valueName: "seconds"))
    var pace: Lecture.Pace?
}

extension Lecture.Pace: ExpressibleByArgument, CustomStringConvertible {
    init?(argument: String) {
        guard let seconds = Double(argument), (0...3600).contains(seconds) else { return nil }
        self = .seconds(seconds)
    }

    var description: String {
        switch self {
        case .returnKey: "until Return"
        case .seconds(let seconds): "\(seconds)"
        }
    }
}
