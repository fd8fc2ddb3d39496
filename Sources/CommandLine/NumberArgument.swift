import ArgumentParser

/// Which numbers a flag takes.
///
///     @Option(help: "Threads that decode.", allowing: .from(1, to: 1024)) var jobs = 8
///
/// Another number is refused while the arguments are parsed: `--jobs must be from 1 to 1024, not 0`.
public struct AllowedNumbers<Number: LosslessStringConvertible & Comparable & Sendable>: Sendable {
    /// As it follows "must be".
    private let rule: String
    private let contains: @Sendable (Number) -> Bool

    public static func from(_ first: Number, to last: Number) -> Self {
        Self(rule: "from \(first) to \(last)") { first <= $0 && $0 <= last }
    }

    public static func from(_ first: Number, to last: Number, or other: Number) -> Self {
        Self(rule: "\(other) or from \(first) to \(last)") { $0 == other || (first <= $0 && $0 <= last) }
    }

    public static func atLeast(_ first: Number, andAtMost last: Number) -> Self {
        Self(rule: "at least \(first) and at most \(last)") { first <= $0 && $0 <= last }
    }

    public static func atLeast(_ first: Number) -> Self { Self(rule: "at least \(first)") { first <= $0 } }

    /// - Parameter numbers: in ascending order; at least two.
    public static func oneOf(_ numbers: Number...) -> Self {
        let others = numbers.dropLast().map(\.description).joined(separator: ", ")
        return Self(rule: "\(others) or \(numbers.last.map(\.description) ?? "")") { numbers.contains($0) }
    }

    /// - Throws: `ValidationError`, which begins with "must be", for another number and for a text that is not a number.
    func number(_ text: String) throws -> Number {
        guard let number = Number(text) else {
            let kind = Number.self is any BinaryInteger.Type ? "a whole number" : "a number"
            throw ValidationError("must be \(kind), \(rule)")
        }
        guard contains(number) else { throw ValidationError("must be \(rule)") }
        return number
    }
}

extension AllowedNumbers where Number: FloatingPoint {
    /// Neither infinity nor NaN is allowed.
    public static func above(_ limit: Number) -> Self {
        Self(rule: "above \(limit.formatted)") { $0 > limit && $0.isFinite }
    }
}

extension LosslessStringConvertible where Self: FloatingPoint {
    /// `0`, not `0.0`.
    fileprivate var formatted: String {
        description.hasSuffix(".0") ? String(description.dropLast(2)) : description
    }
}

extension Option {
    /// A number with a default, which the help text shows as it does for any other type.
    ///
    /// - Parameter parsing: `.unconditional` if a negative number is allowed.
    public init(
        wrappedValue: Value, name: NameSpecification = .long, parsing: SingleValueParsingStrategy = .next,
        help: ArgumentHelp, allowing allowed: AllowedNumbers<Value>
    ) where Value: LosslessStringConvertible & Comparable & Sendable {
        var help = help
        // ArgumentParser shows no default beside a transform.
        help.abstract += " (default: \(wrappedValue))"
        self.init(wrappedValue: wrappedValue, name: name, parsing: parsing, help: help) { try allowed.number($0) }
    }

    /// A number that may be left out.
    public init<Number>(name: NameSpecification = .long, help: ArgumentHelp, allowing allowed: AllowedNumbers<Number>)
    where Value == Number? {
        self.init(name: name, help: help) { try allowed.number($0) }
    }
}

enum NumberRefusal {
    /// `--jobs must be from 1 to 1024, not 0`, in place of ArgumentParser's sentence about the same mistake; any other
    /// message as it is.
    static func reworded(_ message: String) -> String {
        let sentence = /(?s)The value '(.*)' is invalid for '(-\S+) <.+>': (must be .+)/
        guard let parts = message.wholeMatch(of: sentence)?.output else { return message }
        return "\(parts.2) \(parts.3), not \(parts.1)"
    }
}
