import System
import CommandLine
import Foundation
import NeuralNetwork

/// A resource grew that should not; one line.
struct GrowthError: Error, CustomStringConvertible {
    let description: String
}

/// Measures the process's resources after every epoch, after all other callbacks.
final class ResourceWatch: Callback {
    private let stepsPerEpoch: Int
    private let bar: ProgressBar
    /// After each epoch.
    private(set) var measured: [Resources] = []

    init(stepsPerEpoch: Int, epochs: Int) {
        self.stepsPerEpoch = stepsPerEpoch
        bar = ProgressBar("training", total: epochs * stepsPerEpoch)
    }

    func onBatchEnd(_ step: Int, logs: Logs, model: Model) { bar.update(model.state.iterations) }

    func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) throws { measured.append(try .current()) }

    /// The epochs of the first `warmUp` steps.
    private func split(_ warmUp: Int) -> (before: ArraySlice<Resources>, after: ArraySlice<Resources>) {
        (measured.prefix(warmUp / stepsPerEpoch), measured.dropFirst(warmUp / stepsPerEpoch))
    }

    /// One line per epoch.
    func table(warmUp: Int) -> String {
        let base = split(warmUp).before.last
        var lines = ["    step   memory MiB   change   open files   threads"]
        for (epoch, resources) in measured.enumerated() {
            let step = (epoch + 1) * stepsPerEpoch
            let change = base.map { step < warmUp ? "" : Self.percent(resources.memory, of: $0.memory) } ?? ""
            lines.append(
                [
                    "\(step)".padded(8), String(format: "%.1f", Double(resources.memory) / 1024).padded(13),
                    change.padded(9), "\(resources.openFiles)".padded(13), "\(resources.threads)".padded(10),
                ].joined())
        }
        return lines.joined(separator: "\n")
    }

    /// - Parameter tolerance: of memory, in percent.
    /// - Throws: ``GrowthError`` if memory after the warm-up exceeds that at its end by more than the tolerance, if
    ///   more files are open than the maximum during it, or if there are more threads by more than the number of
    ///   processors.
    func check(warmUp: Int, tolerance: Double) throws {
        let (before, after) = split(warmUp)
        guard let base = before.last?.memory, let most = after.map(\.memory).max() else { return }
        guard Double(most) <= Double(base) * (1 + tolerance / 100) else {
            throw GrowthError(
                description:
                    "resident memory grew by \(Self.percent(most, of: base)) after \(warmUp) steps, from \(base) "
                    + "to \(most) KiB; \(tolerance) % are allowed")
        }
        // The system's pool of threads grows and shrinks with the machine's load, by up to the number of processors.
        let pool = ProcessInfo.processInfo.activeProcessorCount
        for (name, value, slack) in [("open files", \Resources.openFiles, 0), ("threads", \.threads, pool)] {
            let base = before.map { $0[keyPath: value] }.max() ?? 0, most = after.map { $0[keyPath: value] }.max() ?? 0
            guard most <= base + slack else {
                throw GrowthError(
                    description: "there were \(base) \(name) in the first \(warmUp) steps, and \(most) later")
            }
        }
    }

    private static func percent(_ value: Int, of base: Int) -> String {
        String(format: "%+.2f %%", 100 * (Double(value) / Double(base) - 1))
    }
}

extension String {
    /// Right-aligned.
    fileprivate func padded(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
