import Foundation

/// Keras's progress: on a terminal a bar with the time left, loss and accuracy; elsewhere a line per epoch.
public final class ProgressBar: Callback {
    private let isTerminal: Bool
    private let write: (String) -> Void
    private let now: () -> TimeInterval
    private var progress: TrainingProgress?
    private var epochStart = 0.0
    private var lastDrawn = 0.0
    /// Of this epoch: above 0 where training goes on within it.
    private var firstStep: Int?

    public convenience init() {
        self.init(
            isTerminal: isatty(STDOUT_FILENO) == 1,
            write: {
                print($0, terminator: "")
                fflush(nil)
            },
            now: { ProcessInfo.processInfo.systemUptime })
    }

    init(isTerminal: Bool, write: @escaping (String) -> Void, now: @escaping () -> TimeInterval) {
        self.isTerminal = isTerminal
        self.write = write
        self.now = now
    }

    public func onTrainBegin(_ training: TrainingProgress) throws { progress = training }

    public func onEpochBegin(_ epoch: Int, model: Model) throws {
        epochStart = now()
        lastDrawn = epochStart
        firstStep = nil
        if isTerminal, let progress { write("Epoch \(epoch + 1)/\(progress.epochs)\n") }
    }

    public func onBatchBegin(_ step: Int, model: Model) throws { firstStep = firstStep ?? step }

    public func onBatchEnd(_ step: Int, logs: Logs, model: Model) throws {
        guard isTerminal, let progress else { return }
        let time = now()
        // Ten times a second is enough for an eye, and costs training nothing.
        guard time - lastDrawn >= 0.1 || step + 1 == progress.stepsPerEpoch else { return }
        lastDrawn = time
        let done = step + 1
        let perStep = (time - epochStart) / Double(done - (firstStep ?? 0))
        let width = 30 * done / progress.stepsPerEpoch
        let bar = String(repeating: "=", count: width) + String(repeating: ".", count: 30 - width)
        let left = Self.duration(perStep * Double(progress.stepsPerEpoch - done))
        write("\r\u{1B}[K\(done)/\(progress.stepsPerEpoch) [\(bar)] - ETA: \(left) - \(Self.numbers(logs))")
    }

    public func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) throws {
        guard let progress else { return }
        let seconds = now() - epochStart
        let summary = "\(Self.duration(seconds)) - \(Self.numbers(logs))"
        if isTerminal {
            let bar = String(repeating: "=", count: 30)
            write("\r\u{1B}[K\(progress.stepsPerEpoch)/\(progress.stepsPerEpoch) [\(bar)] - \(summary)\n")
        } else {
            write("Epoch \(epoch + 1)/\(progress.epochs) - \(summary)\n")
        }
    }

    /// `loss: 0.3421 - acc: 0.8812 - val_loss: ...`: training before validation, loss before accuracy.
    static func numbers(_ logs: Logs) -> String {
        func rank(_ key: String) -> (Int, Int, String) {
            (key.hasPrefix("val_") ? 1 : 0, key.hasSuffix("loss") ? (key.count > 8 ? 1 : 0) : 2, key)
        }
        return logs.keys.sorted { rank($0) < rank($1) }
            .map { "\($0): \(String(format: "%.4f", logs[$0] ?? .nan))" }
            .joined(separator: " - ")
    }

    /// `12s`, `3:05`, `1:02:07`.
    static func duration(_ seconds: TimeInterval) -> String {
        let whole = Int(seconds.rounded())
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        if hours > 0 { return String(format: "%d:%02d:%02d", hours, minutes, rest) }
        return minutes > 0 ? String(format: "%d:%02d", minutes, rest) : "\(rest)s"
    }
}
