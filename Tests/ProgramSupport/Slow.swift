import Foundation
import Testing

/// What takes long: it runs by its name, `swift test --filter NAME`, or with all the rest, `SLOW_TESTS=1 swift test`.
public enum SlowTests {
    static let areAskedFor =
        ProcessInfo.processInfo.environment["SLOW_TESTS"] != nil || CommandLine.arguments.contains("--filter")

    /// The first `count` of a test's arguments, or all of them.
    public static func arguments<Argument>(_ all: [Argument], usually count: Int) -> [Argument] {
        areAskedFor ? all : Array(all.prefix(count))
    }

    /// A number of cases that is smaller unless slow tests are asked for.
    public static func count(_ all: Int, usually few: Int) -> Int { areAskedFor ? all : few }
}

extension Trait where Self == ConditionTrait {
    /// Marks a test that takes long.
    public static var slow: Self { .enabled(if: SlowTests.areAskedFor, "slow: SLOW_TESTS=1 runs it") }
}
