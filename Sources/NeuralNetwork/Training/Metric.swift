/// What is counted beside the loss: Keras's metrics.
public enum Metric: Sendable, Equatable {
    /// The share of samples whose largest output is that of their class; with one unit, on the right side of the
    /// threshold.
    case accuracy
    /// The share of samples whose class is among the `k` largest outputs, and whose outputs are finite. All of several
    /// equal outputs are among them if one is, as in Keras; `k` 1 is the accuracy, of which only the first is one.
    case topKCategoricalAccuracy(k: Int = 5)

    /// The name in ``Logs``.
    var name: String {
        switch self {
        case .accuracy: "acc"
        case .topKCategoricalAccuracy(let k): k == 5 ? "top_k_categorical_accuracy" : "top_\(k)_categorical_accuracy"
        }
    }

    /// How many of the largest outputs may be the class.
    var rank: Int {
        switch self {
        case .accuracy: 1
        case .topKCategoricalAccuracy(let k): k
        }
    }
}
