/// The running means of an epoch, each sample counting once.
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
    ///   - loss: of the whole batch: weighted means of the outputs' losses and the penalties.
    ///   - outputLosses: sums over the samples.
    ///   - correct: numbers of samples that are right.
    mutating func add(samples: Int, loss: Double, outputLosses: [Double], correct: [Double]) {
        self.samples += samples
        self.loss += loss * Double(samples)
        for output in outputNames.indices {
            self.outputLosses[output] += outputLosses[output]
            self.correct[output] += correct[output]
        }
    }

    /// Everything that is summed, to be kept in a file; what does not fit is not taken.
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

    /// By Keras's names, with `prefix` in front.
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
