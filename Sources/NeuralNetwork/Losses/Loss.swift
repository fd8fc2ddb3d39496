import ComputeGraph
import System

/// The loss that an output is trained to minimize. Values are means over the batch, as in Keras.
public struct Loss: Described, Equatable {
    enum Kind: String {
        case categoricalCrossentropy = "categorical_crossentropy"
        case binaryCrossentropy = "binary_crossentropy"
        // Keras 3 opens no HDF5 file that says "mse".
        case meanSquaredError = "mean_squared_error"
    }

    let kind: Kind
    /// How much of a one-hot target is spread evenly over all classes, from 0 to 1.
    let labelSmoothing: Double
    /// Whether outputs are logits, not probabilities.
    let fromLogits: Bool

    /// Whether a crossentropy behind a softmax or a sigmoid takes its logits even if the activation is not its own.
    let takesAnyLogits: Bool

    private init(
        kind: Kind, labelSmoothing: Double, fromLogits: Bool = false, takesAnyLogits: Bool = false
    ) {
        self.kind = kind
        self.labelSmoothing = labelSmoothing
        self.fromLogits = fromLogits
        self.takesAnyLogits = takesAnyLogits
    }

    /// The same loss of outputs that are logits, not probabilities: Keras's `from_logits`.
    ///
    /// The mean squared error has no logits, and stays as it is.
    public var ofLogits: Loss {
        kind == .meanSquaredError
            ? self
            : Loss(kind: kind, labelSmoothing: labelSmoothing, fromLogits: true, takesAnyLogits: takesAnyLogits)
    }

    /// The same loss as Keras computes it since version 2.4 (measured with 3.15): directly behind a softmax or a sigmoid
    /// it takes the logits, whichever of the two it is. So a binary crossentropy behind a softmax is one behind a
    /// sigmoid of the same logits, and the softmax plays no part. A loss that expects logits finds them there, too.
    ///
    /// Without this, a loss takes the logits of its own activation only, and else clips the probabilities, as the Keras
    /// of the book does.
    public var takingLogitsOfAnyActivation: Loss {
        Loss(kind: kind, labelSmoothing: labelSmoothing, fromLogits: fromLogits, takesAnyLogits: true)
    }

    /// Whether the loss reads the input of this activation instead of its output.
    func readsInput(of activation: ActivationFunction) -> Bool {
        guard !fromLogits || takesAnyLogits else { return false }
        return switch (kind, activation) {
        case (.categoricalCrossentropy, .softmax), (.binaryCrossentropy, .sigmoid): true
        case (.categoricalCrossentropy, .sigmoid), (.binaryCrossentropy, .softmax): takesAnyLogits
        default: false
        }
    }

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
    public static let binaryCrossentropy = binaryCrossentropy(labelSmoothing: 0)

    /// Binary crossentropy towards `(1 - labelSmoothing) t + labelSmoothing / 2`.
    ///
    /// The program ends with one line if `labelSmoothing` is not from 0 to 1.
    public static func binaryCrossentropy(labelSmoothing: Double) -> Loss {
        guard (0...1).contains(labelSmoothing) else {
            stop("label smoothing must be from 0 to 1, not \(labelSmoothing)")
        }
        return Loss(kind: .binaryCrossentropy, labelSmoothing: labelSmoothing)
    }
    /// `(y - t)^2`, the mean over units.
    public static let meanSquaredError = Loss(kind: .meanSquaredError, labelSmoothing: 0)

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
        var logits: [String: JSON] = fromLogits ? ["from_logits": true] : [:]
        if takesAnyLogits { logits["takes_logits_of_any_activation"] = true }
        return switch kind {
        case .categoricalCrossentropy:
            JSON(
                className: "CategoricalCrossentropy",
                config: logits.merging(["label_smoothing": .number(labelSmoothing)]) { _, new in new })
        case .binaryCrossentropy:
            JSON(
                className: "BinaryCrossentropy",
                config: labelSmoothing == 0
                    ? logits : logits.merging(["label_smoothing": .number(labelSmoothing)]) { _, new in new })
        case .meanSquaredError: JSON(className: "MeanSquaredError")
        }
    }
}
