/// A progress bar for work that is counted, with its speed and the time left, and a final line with the time it took.
/// Without a terminal, a plain line every minute replaces the bar.
public final class ProgressBar {
    /// The unit of the work.
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
    ///   - title: what is counted and what is done with it: `images decoded for train`.
    ///   - total: the amount of work, or `nil` if it is not known.
    ///   - first: the amount that was done before.
    ///   - delay: in seconds. Work that takes less time is not shown at all.
    public init(
        _ title: String, total: Int?, first: Int = 0, unit: Unit = .count, delay: Double = 0,
        output: TerminalLine.Output = .standard
    ) {
        (self.title, self.total, self.first, self.unit, self.delay) = (title, total, first, unit, delay)
        line = TerminalLine(output, delay: delay)
        start = line.now
        lastPlain = start
    }

    /// The delay in seconds for predicting, evaluating and checksums.
    public static let patience = 2.0

    /// Reports the amount of work done in all, not since the last call.
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

    /// Ends the bar and writes the final line. Reaching the total calls it.
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

    /// Ends the bar of work that was interrupted, so that later output begins on a new line.
    public func stop() {
        isFinished = true
        line.end()
    }
}
