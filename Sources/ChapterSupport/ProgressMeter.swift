import Foundation

/// A bar for work that is counted, with the time that is left; one line at the end where nobody watches a terminal.
public struct ProgressMeter {
    private let title: String
    private let total: Int
    private let start = ContinuousClock.now
    private let isTerminal = isatty(STDOUT_FILENO) == 1
    private var lastDrawn: ContinuousClock.Instant?

    public init(_ title: String, total: Int) {
        self.title = title
        self.total = total
    }

    /// To be called as work gets done; draws ten times a second at most.
    public mutating func update(_ done: Int) {
        let now = ContinuousClock.now
        let isDone = done == total
        guard isDone || (isTerminal && (lastDrawn.map { now - $0 > .milliseconds(100) } ?? true)) else { return }
        lastDrawn = now
        let seconds = (now - start) / .seconds(1)
        if isDone {
            let rate =
                seconds > Double(total)
                ? String(format: "%.1f s, %.1f s each", seconds, seconds / Double(max(total, 1)))
                : String(format: "%.1f s, %.0f/s", seconds, Double(total) / max(seconds, 1e-9))
            print("\(isTerminal ? "\r\u{1B}[K" : "")[INFO] \(title): \(total) in \(rate)")
        } else {
            let bar = String(repeating: "=", count: 30 * done / total).padding(
                toLength: 30, withPad: ".", startingAt: 0)
            let left = Int((seconds / Double(max(done, 1)) * Double(total - done)).rounded())
            print("\r\u{1B}[K\(title): \(done)/\(total) [\(bar)] - ETA: \(left)s", terminator: "")
        }
        fflush(nil)
    }
}
