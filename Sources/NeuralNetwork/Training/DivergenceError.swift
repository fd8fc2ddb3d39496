import System

/// Training that ended because a number became infinite or not a number.
public struct DivergenceError: Error, CustomStringConvertible {
    /// What was found not to be finite. The layer it comes from may be another: see ``anomaly``.
    public enum Quantity: Sendable, Equatable {
        case loss
        case validationLoss
        /// Of this weight, `conv2d/kernel`.
        case weight(String)
        case gradient(ofWeight: String)
    }

    public let quantity: Quantity
    /// Counted from 0.
    public let epoch: Int
    /// Counted from 0; `nil` after an epoch's last.
    public let step: Int?
    public let learningRate: Double
    /// Where it began, as far as was asked for.
    public let anomaly: Anomaly?
    /// The last file with finite weights that this model was saved to or loaded from.
    public let checkpoint: SavedModel?
    /// Whether the loss is not a number, rather than infinite.
    let isNaN: Bool
    /// The anomaly in words, with what is known of its place.
    let anomalyDescription: String?

    public var description: String {
        let place = "epoch \(epoch + 1)" + (step.map { ", step \($0 + 1)" } ?? "")
        if anomaly?.sample != nil, let anomalyDescription {
            let validation = quantity == .validationLoss ? "the validation after " : ""
            return "\(anomalyDescription), in \(validation)\(place); \(lastGood)"
        }
        var parts = ["\(what) in \(place), at learning rate \(digits(learningRate))", "a smaller one may help"]
        switch (quantity, anomaly) {
        case (.weight, _): break  // Is named already.
        case (_, let anomaly?): parts.append("\(anomaly)")
        case (_, nil): parts.append("--detect-anomalies names the layer")
        }
        parts.append(lastGood)
        return parts.joined(separator: "; ")
    }

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
