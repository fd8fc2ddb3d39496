import ComputeGraph
import System

/// The loss that an output is trained to minimize. Values are means over the batch, as in Keras.
public struct Loss: Described, Equatable {
    enum Kind: String {
        case categoricalCrossentropy = "categorical_crossentropy"
        case binaryCrossentropy = "binary_crossentropy"
        case meanSquaredError = "mse"
    }

    let kind: Kind
    /// How much of a one-hot target is spread evenly over all classes, from 0 to 1.
    let labelSmoothing: Double
    /// Whether outputs are logits, not probabilities.
    let fromLogits: Bool

    private init(kind: Kind, labelSmoothing: Double, fromLogits: Bool = false) {
        self.kind = kind
        self.labelSmoothing = labelSmoothing
        self.fromLogits = fromLogits
    }

    /// The same loss of outputs that are logits, not probabilities: Keras's `from_logits`.
    public var ofLogits: Loss { Loss(kind: kind, labelSmoothing: labelSmoothing, fromLogits: true) }

    /// The loss of this Keras name, such as `categorical_crossentropy`; `nil` for one that is not known here.
    public init?(kerasName: String) { self.init(kerasConfig: .string(kerasName)) }

    /// `-sum over classes of t ln p`, for one-hot targets. After a softmax it is computed from the logits.
    public static let categoricalCrossentropy = categoricalCrossentropy(labelSmoothing: 0)

    /// Crossentropy towards `(1 - labelSmoothing) t + labelSmoothing / classes`, which keeps a network from becoming
    /// too certain (Szegedy et al., 2016, section 7; Keras's `CategoricalCrossentropy(label_smoothing=)`).
    ///
    /// The program ends with one line if `labelSmoothing` is not from 0 to 1.
    public static func categoricalCrossentropy(labelSmoothing: Double) -> Loss {
        guard (0...1).contains(labelSmoothing) else {
            stop("label smoothing must be from 0 to 1, not \(labelSmoothing)")
        }
        return Loss(kind: .categoricalCrossentropy, labelSmoothing: labelSmoothing)
    }

    /// `-(t ln p + (1 - t) ln(1 - p))`, the mean over units. After a sigmoid it is computed from the logits.
    public static let binaryCrossentropy = Loss(kind: .binaryCrossentropy, labelSmoothing: 0)
    /// `(y - t)^2`, the mean over units.
    public static let meanSquaredError = Loss(kind: .meanSquaredError, labelSmoothing: 0)

    /// The activation whose logits this loss can take, so that saturated outputs lose no digits.
    var fusedActivation: ActivationFunction? {
        switch kind {
        case .categoricalCrossentropy: .softmax
        case .binaryCrossentropy: .sigmoid
        case .meanSquaredError: nil
        }
    }

    /// The loss as plans compute it.
    func function(fromLogits: Bool) -> LossFunction {
        switch kind {
        case .categoricalCrossentropy:
            .categoricalCrossentropy(labelSmoothing: labelSmoothing, fromLogits: fromLogits)
        case .binaryCrossentropy: .binaryCrossentropy(labelSmoothing: labelSmoothing, fromLogits: fromLogits)
        case .meanSquaredError: .meanSquaredError
        }
    }

    /// Keras's class and settings.
    public var described: JSON {
        let logits: [String: JSON] = fromLogits ? ["from_logits": true] : [:]
        return switch kind {
        case .categoricalCrossentropy:
            JSON(
                className: "CategoricalCrossentropy",
                config: logits.merging(["label_smoothing": .number(labelSmoothing)]) { _, new in new })
        case .binaryCrossentropy: JSON(className: "BinaryCrossentropy", config: logits)
        case .meanSquaredError: JSON(className: "MeanSquaredError")
        }
    }
}
