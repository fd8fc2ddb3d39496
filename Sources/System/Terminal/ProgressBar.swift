/// A bar for work that is counted, with its speed and the time that is left, and a line at the end that says how long it
/// took. Where there is no terminal, a plain line a minute takes the bar's place.
public final class ProgressBar {
    public enum Unit: Sendable {
        case count, bytes

        func text(_ done: Int, of total: Int?) -> String {
            switch self {
            case .count: "\(done)" + (total.map { "/\($0)" } ?? "")
            case .bytes:
                (total.map { "\(Self.megabytes(done)) of \(Self.megabytes($0))" } ?? Self.megabytes(done)) + " MB"
            }
        }

        func speed(_ done: Int, in seconds: Double) -> String? {
            switch self {
            case .count: ProgressLine.speed(Double(done), in: seconds)
            case .bytes: ProgressLine.speed(Double(done) / 1e6, in: seconds, of: "MB")
            }
        }

        private static func megabytes(_ bytes: Int) -> String { "\((Double(bytes) / 1e5).rounded() / 10)" }
    }

    private static let plainInterval = 60.0
    private let title: String
    private let total: Int?
    private let first: Int
    private let unit: Unit
    private let delay: Double
    private let line: TerminalLine
    private let start: Double
    private var lastPlain: Double
    private var isFinished = false

    /// - Parameters:
    ///   - title: what is counted, and what is done with it: `images decoded for train`.
    ///   - total: how many; `nil` where nobody knows.
    ///   - first: how many were done before.
    ///   - delay: seconds; work that takes less is not shown at all.
    public init(
        _ title: String, total: Int?, first: Int = 0, unit: Unit = .count, delay: Double = 0,
        output: TerminalLine.Output = .standard
    ) {
        (self.title, self.total, self.first, self.unit, self.delay) = (title, total, first, unit, delay)
        line = TerminalLine(output, delay: delay)
        start = line.now
        lastPlain = start
    }

    /// The seconds after which predicting, evaluating and checksums are shown.
    public static let patience = 2.0

    /// To be called as work gets done: `done` of all, not since the last call.
    public func update(_ done: Int) {
        guard !isFinished else { return }
        if let total, done >= total { return finish(done) }
        let now = line.now
        func state() -> ProgressLine {
            let (seconds, gained) = (now - start, done - first)
            let share = total.map { Double(done) / Double(max($0, 1)) }
            let left = total.flatMap { gained > 0 ? seconds / Double(gained) * Double($0 - done) : nil }
            return ProgressLine(
                title: "\(title):", count: unit.text(done, of: total), share: share, secondsLeft: left,
                speed: unit.speed(gained, in: seconds))
        }
        if line.isInteractive {
            line.draw(state)
        } else if now - lastPlain >= Self.plainInterval {
            lastPlain = now
            line.write(["[INFO] \(state().plainText)"])
        }
    }

    /// The work is over; where there is a total, reaching it says so.
    public func finish(_ done: Int) {
        guard !isFinished else { return }
        isFinished = true
        let seconds = line.now - start
        guard seconds >= delay else { return }
        let time = seconds < 60 ? "\((seconds * 10).rounded() / 10) s" : ProgressLine.duration(seconds)
        let speed = unit.speed(done - first, in: seconds).map { ", \($0)" } ?? ""
        let record = "[INFO] \(title): \(unit.text(done, of: nil)) in \(time)\(speed)"
        line.write(record.split(separator: " ", omittingEmptySubsequences: false).map(String.init), separator: " ")
    }

    /// The work was broken off: what comes next begins on a line of its own.
    public func stop() {
        isFinished = true
        line.end()
    }
}
