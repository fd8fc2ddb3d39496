import Foundation
import System

/// Keras's progress display (its `ProgbarLogger`): on a terminal a bar that moves during training and validation,
/// elsewhere nothing; and one permanent line for every finished epoch.
///
/// That line is a record and is never shortened: a terminal that is too narrow gets several lines, broken between
/// numbers.
final class ProgressLogger: Callback {
    let runsInEveryProcess = false
    private let line: TerminalLine
    private var progress: TrainingProgress?
    private var epoch = 0
    private var epochStart = 0.0
    /// The epoch's first step in this run: above 0 if training resumed within the epoch.
    private var firstStep: Int?
    private var lastStepEnd = 0.0
    private var samplesPerSecond: String?
    /// The means of this epoch so far.
    private var logs: Logs = [:]
    private var validationSeconds = 0.0
    /// The duration of the last epoch that was trained from its first step, callbacks included.
    private var secondsPerEpoch: Double?

    init(_ output: TerminalLine.Output = .standard) { line = TerminalLine(output) }

    func onTrainBegin(_ training: TrainingProgress, model: Model) throws { progress = training }

    func onEpochBegin(_ epoch: Int, model: Model) throws {
        guard let progress else { return }
        if firstStep == 0 { secondsPerEpoch = line.now - epochStart }
        self.epoch = epoch
        epochStart = line.now
        lastStepEnd = epochStart
        firstStep = nil
        logs = [:]
        if line.isInteractive { line.write(["Epoch \(epoch + 1)/\(progress.epochs)"]) }
    }

    func onBatchBegin(_ step: Int, model: Model) throws { firstStep = firstStep ?? step }

    func onBatchEnd(_ step: Int, logs: Logs, model: Model) throws {
        guard let progress else { return }
        lastStepEnd = line.now
        self.logs = logs
        let (first, done) = (firstStep ?? 0, step + 1)
        let seconds = lastStepEnd - epochStart
        func samples(_ steps: Int) -> Int { min(steps * progress.batchSize, progress.sampleCount) }
        samplesPerSecond = ProgressLine.speed(Double(samples(done) - samples(first)), in: seconds, of: "images")
        line.draw {
            let perStep = seconds / Double(max(done - first, 1))
            let left = perStep * Double(progress.stepsPerEpoch - done) + validationSeconds
            return state(
                done, of: progress.stepsPerEpoch, model, secondsLeft: left,
                ofEpoch: perStep * Double(progress.stepsPerEpoch) + validationSeconds)
        }
    }

    func onTestBatchEnd(_ step: Int, model: Model) throws {
        guard let progress else { return }
        line.draw {
            let done = step + 1
            let perStep = (line.now - lastStepEnd) / Double(done)
            let left = perStep * Double(progress.validationSteps - done)
            return state(
                title: "validating", done, of: progress.validationSteps, model, secondsLeft: left,
                ofEpoch: lastStepEnd - epochStart + perStep * Double(progress.validationSteps))
        }
    }

    func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) throws {
        guard let progress else { return }
        let now = line.now
        validationSeconds = progress.validationSteps > 0 ? now - lastStepEnd : 0
        let head =
            line.isInteractive
            ? "\(progress.stepsPerEpoch)/\(progress.stepsPerEpoch)" : "Epoch \(epoch + 1)/\(progress.epochs)"
        line.write(
            [head, ProgressLine.duration(now - epochStart)] + [samplesPerSecond].compactMap { $0 }
                + Self.numbers(logs, outputs: model.outputNames))
    }

    func onTrainEnd(_ model: Model) throws { line.end() }

    /// - Parameter seconds: the expected duration of an epoch, used until one is over.
    private func state(
        title: String = "", _ done: Int, of total: Int, _ model: Model, secondsLeft: Double, ofEpoch seconds: Double
    ) -> ProgressLine {
        let epochsLeft = (progress?.epochs ?? 0) - epoch - 1
        return ProgressLine(
            title: title, count: "\(done)/\(total)", share: Double(done) / Double(max(total, 1)),
            secondsLeft: secondsLeft,
            runSecondsLeft: epochsLeft > 0
                ? secondsLeft + Double(epochsLeft) * (secondsPerEpoch ?? seconds) : nil,
            speed: samplesPerSecond, numbers: Self.numbers(logs, outputs: model.outputNames))
    }

    /// `loss: 0.3421`, `acc: 0.8812`, `val_loss: ...`: training before validation; first the loss that is minimized,
    /// then accuracy and loss of each output, the main one first.
    static func numbers(_ logs: Logs, outputs: [String]) -> [String] {
        let names = ["loss", "acc"] + outputs.flatMap { ["\($0)_acc", "\($0)_loss"] }
        func rank(_ key: String) -> (Int, Int, String) {
            let isValidation = key.hasPrefix("val_")
            let name = isValidation ? String(key.dropFirst(4)) : key
            return (isValidation ? 1 : 0, names.firstIndex(of: name) ?? names.count, key)
        }
        return logs.sorted { rank($0.key) < rank($1.key) }.map { "\($0): \(String(format: "%.4f", $1))" }
    }
}
