import Foundation
import NeuralNetwork
import Plotting
import System

/// Keeps the history of a training run in files, which can be viewed during the run: after every epoch all metrics so
/// far as JSON, and loss and accuracy as a plot, PNG and SVG. The book's `TrainingMonitor`.
///
/// The plot is a ``TrainingPlot``, which can also be the book's one chart of four curves.
///
/// Training that begins after epoch 0 continues the existing history, cut to the epochs before it. From epoch 0, a new
/// one begins (the original appended to the old one).
public final class TrainingMonitor: Callback {
    /// False: one process writes the files.
    public let runsInEveryProcess = false
    private let figurePath: String
    private let jsonPath: String?
    private let style: TrainingPlot.Style
    /// The metrics so far.
    public private(set) var history: TrainingHistory = [:]
    /// The epochs of an earlier run that the history holds, if nothing was added to them yet.
    private var epochsTakenUp: Int?
    private var hasWarned = false

    /// - Parameters:
    ///   - figurePath: of the PNG; the SVG is beside it.
    ///   - jsonPath: of the history; without it none is written.
    ///   - style: of the plot; `.original` is the book's.
    public init(figurePath: String, jsonPath: String? = nil, style: TrainingPlot.Style = .lossAboveAccuracy) {
        self.figurePath = figurePath
        self.jsonPath = jsonPath
        self.style = style
    }

    /// Reads the existing history, if training continues. A file that is not a history is renamed, with a warning.
    public func onTrainBegin(_ training: TrainingProgress, model: Model) throws {
        history = [:]
        epochsTakenUp = nil
        let epochs = training.initialEpoch
        guard epochs > 0, let jsonPath, FileSystem.exists(jsonPath) else { return }
        // A damaged history must not prevent the training.
        do {
            history = try TrainingHistory(contentsOf: jsonPath).mapValues { Array($0.prefix(epochs)) }
            epochsTakenUp = epochs
        } catch { warn("\(error); kept as \(try FileSystem.setAside(jsonPath))") }
    }

    /// A run that was stopped after its last epoch may not have drawn it.
    public func onTrainEnd(_ model: Model) throws {
        if let epochsTakenUp { try write(epoch: epochsTakenUp, outputs: model.outputNames) }
    }

    /// Adds the epoch's metrics and the learning rate `lr`, and writes the files.
    ///
    /// - Throws: `FileError` if the history cannot be written. A plot that cannot be drawn is only a warning.
    public func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) throws {
        var logs = logs
        logs["lr"] = model.learningRate
        for name in Set(history.keys).union(logs.keys) {
            var values = history[name] ?? []
            // Unknown epochs leave a gap.
            while values.count < epoch { values.append(nil) }
            // JSON has no NaN and no infinity.
            values.append(logs[name].flatMap { $0.isFinite ? $0 : nil })
            history[name] = values
        }
        try write(epoch: epoch + 1, outputs: model.outputNames)
        epochsTakenUp = nil
    }

    private func write(epoch: Int, outputs: [String]) throws {
        if let jsonPath {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            try WholeFile.write(encoder.encode(history), to: jsonPath)
        }
        let plot = TrainingPlot(
            history, title: "Training Loss and Accuracy [Epoch \(epoch)]", outputs: outputs, style: style)
        // A plot that fails must not end the training.
        do { try write(plot) } catch {
            if !hasWarned { warn("no plot: \(error)") }
            hasWarned = true
        }
    }

    private func write(_ plot: any Picture) throws {
        try plot.writePNG(to: figurePath)
        try plot.writeSVG(to: "\(Path.withoutSuffix(figurePath)).svg")
    }
}
