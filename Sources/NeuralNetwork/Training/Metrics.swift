import ComputeGraph

/// The running means of an epoch; each sample counts once.
struct Metrics {
    private var samples = 0
    private var loss = 0.0
    private var outputLosses: [Double]
    /// For each metric, the number of right answers of every output.
    private var correct: [[Double]]
    private let outputNames: [String]
    private let metrics: [Metric]

    init(outputNames: [String], metrics: [Metric]) {
        self.outputNames = outputNames
        self.metrics = metrics
        outputLosses = [Double](repeating: 0, count: outputNames.count)
        correct = metrics.map { _ in [Double](repeating: 0, count: outputNames.count) }
    }

    /// - Parameters:
    ///   - loss: of the whole batch: the weighted means of the outputs' losses, plus the penalties.
    ///   - scores: one for each output.
    mutating func add(samples: Int, loss: Double, scores: [Score]) {
        self.samples += samples
        self.loss += loss * Double(samples)
        for (output, score) in scores.prefix(outputNames.count).enumerated() {
            outputLosses[output] += score.loss
            for (metric, count) in score.correct.enumerated() { correct[metric][output] += count }
        }
    }

    /// All sums, to be stored in a file. Setting ignores sums that do not fit.
    var sums: [Double] {
        get { [Double(samples), loss] + outputLosses + correct.flatMap(\.self) }
        set {
            let outputs = outputNames.count
            guard newValue.count == 2 + (1 + metrics.count) * outputs, let count = Int(exactly: newValue[0]),
                (0..<1 << 48).contains(count)
            else { return }
            (samples, loss) = (count, newValue[1])
            outputLosses = Array(newValue[2..<2 + outputs])
            correct = metrics.indices.map { Array(newValue[2 + (1 + $0) * outputs..<2 + (2 + $0) * outputs]) }
        }
    }

    /// The means under Keras's names, with `prefix` in front.
    func logs(prefix: String = "") -> Logs {
        let samples = Double(max(samples, 1))
        var logs = [prefix + "loss": loss / samples]
        for (output, name) in outputNames.enumerated() {
            let name = outputNames.count == 1 ? prefix : "\(prefix)\(name)_"
            logs[name + "loss"] = outputNames.count == 1 ? logs[name + "loss"] : outputLosses[output] / samples
            for (metric, counts) in zip(metrics, correct) { logs[name + metric.name] = counts[output] / samples }
        }
        return logs
    }
}
