/// The running means of an epoch; each sample counts once.
struct Metrics {
    private var samples = 0
    private var loss = 0.0
    private var outputLosses: [Double]
    private var correct: [Double]
    private let outputNames: [String]

    init(outputNames: [String]) {
        self.outputNames = outputNames
        outputLosses = [Double](repeating: 0, count: outputNames.count)
        correct = outputLosses
    }

    /// - Parameters:
    ///   - loss: of the whole batch: the weighted means of the outputs' losses, plus the penalties.
    ///   - outputLosses: sums over the samples.
    ///   - correct: numbers of samples whose prediction is right.
    mutating func add(samples: Int, loss: Double, outputLosses: [Double], correct: [Double]) {
        self.samples += samples
        self.loss += loss * Double(samples)
        for output in outputNames.indices {
            self.outputLosses[output] += outputLosses[output]
            self.correct[output] += correct[output]
        }
    }

    /// All sums, to be stored in a file. Setting ignores sums that do not fit.
    var sums: [Double] {
        get { [Double(samples), loss] + outputLosses + correct }
        set {
            guard newValue.count == 2 + 2 * outputNames.count, let count = Int(exactly: newValue[0]),
                (0..<1 << 48).contains(count)
            else { return }
            (samples, loss) = (count, newValue[1])
            outputLosses = Array(newValue[2..<2 + outputNames.count])
            correct = Array(newValue[(2 + outputNames.count)...])
        }
    }

    /// The means under Keras's names, with `prefix` in front.
    func logs(prefix: String = "") -> Logs {
        let samples = Double(max(samples, 1))
        var logs = [prefix + "loss": loss / samples]
        if outputNames.count == 1 {
            logs[prefix + "acc"] = correct[0] / samples
        } else {
            for (output, name) in outputNames.enumerated() {
                logs["\(prefix)\(name)_loss"] = outputLosses[output] / samples
                logs["\(prefix)\(name)_acc"] = correct[output] / samples
            }
        }
        return logs
    }
}
