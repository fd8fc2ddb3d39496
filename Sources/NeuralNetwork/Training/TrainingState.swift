import System

/// How far a model has been trained, and with which settings. It is saved with the model, so that training resumes as
/// if it had never stopped.
public struct TrainingState: Codable, Equatable, Sendable {
    /// Seeds initial weights, the order of samples, augmentation and dropout. It has no effect on weights that exist.
    public var seed: UInt64 = 42
    /// Training steps so far, one for each batch. With accumulated gradients, several make an update of the weights.
    public internal(set) var iterations = 0
    /// Whole epochs so far.
    public internal(set) var epochs = 0
    /// Steps so far of the epoch after those; above 0 if training was stopped within an epoch.
    public internal(set) var step = 0
    /// The number of steps in that epoch.
    var stepsPerEpoch = 0
    /// Sums over the steps of that epoch so far, for its means.
    var sums: [Double] = []
    /// The settings of the training, by name, to be compared when it resumes. Null in Keras's own files.
    public var settings = JSON.null

    /// A model that has not been trained.
    public init() {}

    /// Whether there has been any training.
    public var isTrained: Bool { epochs > 0 || step > 0 }

    /// Whether there has been more training. The dates of files do not show this: a file may have been copied or
    /// touched, or written with a wrong clock.
    public func isFurther(than other: TrainingState) -> Bool { (epochs, step) > (other.epochs, other.step) }

    /// The training so far in words: `2 epochs and 57 steps`.
    public var training: String {
        let (epochs, steps) = (counted(epochs, "epoch"), counted(step, "step"))
        return step == 0 ? epochs : self.epochs == 0 ? steps : "\(epochs) and \(steps)"
    }

    /// A number that is impossible, as words; `nil` if there is none.
    var fault: String? {
        // Products with the steps of an epoch have to fit into Int.
        for (name, count, largest) in [
            ("iterations", iterations, 1 << 48), ("epochs", epochs, 1 << 20), ("step", step, 1 << 48),
        ]
        where !(0..<largest).contains(count) {
            return "\(name) is \(count), which is not a count"
        }
        return step == 0 || step <= stepsPerEpoch ? nil : "step is \(step), of \(stepsPerEpoch) steps"
    }
}
