import System

/// Training ended because a number became infinite or NaN.
public struct DivergenceError: Error, CustomStringConvertible {
    /// The quantity that is not finite. The layer where it began may be another: see ``DivergenceError/anomaly``.
    public enum Quantity: Sendable, Equatable {
        /// The loss of a training step.
        case loss
        /// The loss of a batch of the validation data.
        case validationLoss
        /// This weight, `conv2d/kernel`.
        case weight(String)
        /// The gradient of this weight.
        case gradient(ofWeight: String)
    }

    /// The quantity that is not finite.
    public let quantity: Quantity
    /// The epoch, counted from 0.
    public let epoch: Int
    /// The step, counted from 0; `nil` after the last step of an epoch.
    public let step: Int?
    /// The learning rate of the step.
    public let learningRate: Double
    /// The origin, if it was looked for: see ``Model/detectsAnomalies``.
    public let anomaly: Anomaly?
    /// The last file with finite weights that the model was saved to or loaded from.
    public let checkpoint: SavedModel?
    /// Whether the loss is NaN, rather than infinite.
    let isNaN: Bool
    /// The anomaly as text, with the sample's row in the data set if it is known.
    let anomalyDescription: String?

    /// One line: the quantity, epoch and step (counted from 1), the learning rate, what may help, and the last good
    /// checkpoint.
    public var description: String {
        let place = "epoch \(epoch + 1)" + (step.map { ", step \($0 + 1)" } ?? "")
        if anomaly?.sample != nil, let anomalyDescription {
            let validation = quantity == .validationLoss ? "the validation after " : ""
            return "\(anomalyDescription), in \(validation)\(place); \(lastGood)"
        }
        var parts = ["\(what) in \(place), at learning rate \(digits(learningRate))", "a smaller one may help"]
        // Of a weight, the first part names the layer.
        if let anomaly, !isOfWeight { parts.append("\(anomaly)") }
        parts.append(lastGood)
        return parts.joined(separator: "; ")
    }

    /// Whether ``Model/detectsAnomalies`` would have named the layer.
    public var hidesLayer: Bool { anomaly == nil && !isOfWeight }

    private var isOfWeight: Bool { if case .weight = quantity { true } else { false } }

    private var lastGood: String {
        checkpoint.map { "the last good checkpoint is \($0)" } ?? "there is no checkpoint of this run"
    }

    private var what: String {
        let became = "became \(isNaN ? "not a number" : "infinite")"
        return switch quantity {
        case .loss: "the loss \(became)"
        case .validationLoss: "the validation loss \(became)"
        case .weight(let name): "the weight \"\(name)\" became infinite or not a number"
        case .gradient(let name): "the gradient of \"\(name)\" became infinite or not a number"
        }
    }
}
