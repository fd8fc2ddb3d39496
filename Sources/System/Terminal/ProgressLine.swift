import Foundation

/// The text of one line about work in progress: a pure function of its properties and the terminal's width.
///
///     12/390 [=>..........................] - ETA: 1:05 - run: 34:10 - 512 images/s - loss: 1.2500 - acc: 0.5000
///
/// A line never reaches the last column, so that terminals do not wrap it. If it is too long, parts are dropped in this
/// order:
///
/// 1. the speed,
/// 2. the numbers after the first two, from the last (losses and accuracies of single outputs),
/// 3. all but five characters of the bar,
/// 4. the time left for the whole run,
/// 5. the rest of the bar,
/// 6. the second number, an accuracy,
/// 7. the end of the title,
/// 8. the time left,
/// 9. the rest of the title,
/// 10. the count, if there is a first number (the loss), which stays.
public struct ProgressLine: Equatable, Sendable {
    /// The kind of work: `validating`.
    public var title = ""
    /// The amount done: `12/390`, `3.1 of 170.5 MB`.
    public var count: String
    /// The fraction done, 0 to 1, or `nil` if it is not known.
    public var share: Double?
    /// The seconds until the end of the epoch or the work.
    public var secondsLeft: Double?
    /// The seconds until the end of the last epoch.
    public var runSecondsLeft: Double?
    /// The speed: `512 images/s`.
    public var speed: String?
    /// Further numbers, the most important first: `loss: 1.2500`, `acc: 0.5000`.
    public var numbers: [String] = []

    static let longestBar = 30
    static let shortestBar = 5

    public init(
        title: String = "", count: String, share: Double? = nil, secondsLeft: Double? = nil,
        runSecondsLeft: Double? = nil, speed: String? = nil, numbers: [String] = []
    ) {
        (self.title, self.count, self.share, self.speed, self.numbers) = (title, count, share, speed, numbers)
        (self.secondsLeft, self.runSecondsLeft) = (secondsLeft, runSecondsLeft)
    }

    /// The line for a terminal of `width` columns, at least one column shorter.
    public func text(width: Int) -> String {
        let room = max(width - 1, 0)
        var line = self
        var (longest, shortest) = (Self.longestBar, Self.longestBar)
        func overflow() -> Int { line.text(bar: shortest).displayWidth - room }
        let steps: [() -> Void] =
            [{ line.speed = nil }]
            + Array(repeating: { line.numbers.removeLast() }, count: max(numbers.count - 2, 0))
            + [
                { shortest = Self.shortestBar }, { line.runSecondsLeft = nil }, { (longest, shortest) = (0, 0) },
                { line.numbers = Array(line.numbers.prefix(1)) }, { line.shortenTitle(by: overflow()) },
                { line.secondsLeft = nil }, { line.title = "" },
                { if !line.numbers.isEmpty { line.count = "" } },
            ]
        for giveWay in steps where overflow() > 0 { giveWay() }
        let bar = min(longest, shortest + max(-overflow(), 0))
        return line.text(bar: bar).prefix(displayWidth: room)
    }

    /// The whole line without a bar, for a file.
    public var plainText: String { text(bar: 0) }

    /// - Parameter bar: the number of characters between the brackets, or 0 for no bar.
    private func text(bar: Int) -> String {
        var head = [title, count].filter { !$0.isEmpty }.joined(separator: " ")
        if bar > 0, let share {
            let done = Int((Double(bar) * min(max(share, 0), 1)).rounded(.down))
            head += " [\(String(repeating: "=", count: done))\(String(repeating: ".", count: bar - done))]"
        }
        let fields = [
            head, secondsLeft.map { "ETA: \(Self.duration($0))" }, runSecondsLeft.map { "run: \(Self.duration($0))" },
            speed,
        ]
        return (fields.compactMap { $0 } + numbers).filter { !$0.isEmpty }.joined(separator: " - ")
            .replacingControlCharacters()
    }

    private mutating func shortenTitle(by overflow: Int) {
        let room = title.displayWidth - overflow - 3
        if room >= 4 { title = title.prefix(displayWidth: room) + "..." }
    }

    /// The pieces, joined over as many lines as they need. Unlike a progress line, nothing is cut.
    ///
    /// - Parameter width: the terminal's columns, or `nil` for a single line in a file.
    public static func record(_ pieces: [String], separator: String = " - ", width: Int?) -> String {
        guard let width else { return pieces.joined(separator: separator).replacingControlCharacters() }
        var lines: [String] = []
        for piece in pieces.map({ $0.replacingControlCharacters() }) {
            if let last = lines.last, (last + separator + piece).displayWidth < width {
                lines[lines.count - 1] = last + separator + piece
            } else {
                lines.append(lines.isEmpty ? piece : "    " + piece)
            }
        }
        return lines.joined(separator: "\n")
    }

    /// A time as `12s`, `3:05` or `1:02:07`; `?` if it is not a plausible number.
    public static func duration(_ seconds: Double) -> String {
        // Longer than a human life (3e9 s) is not an estimate.
        guard (0..<3e9).contains(seconds) else { return "?" }
        let whole = Int(seconds.rounded())
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        if hours > 0 { return String(format: "%d:%02d:%02d", hours, minutes, rest) }
        return minutes > 0 ? String(format: "%d:%02d", minutes, rest) : "\(rest)s"
    }

    /// A speed as `512 images/s` or `0.25/s`; `nil` if no time has passed.
    public static func speed(_ amount: Double, in seconds: Double, of unit: String = "") -> String? {
        let perSecond = amount / seconds
        guard seconds > 0, (0..<1e12).contains(perSecond) else { return nil }
        let digits = perSecond < 1 ? 2 : perSecond < 10 ? 1 : 0
        return String(format: "%.\(digits)f", perSecond) + (unit.isEmpty ? "" : " \(unit)") + "/s"
    }
}
