import ComputeGraph
import Foundation
import System
import Tensors

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

    private init(kind: Kind, labelSmoothing: Double) {
        self.kind = kind
        self.labelSmoothing = labelSmoothing
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

    /// The sum of the samples' losses, and the gradient of their mean.
    ///
    /// - Parameters:
    ///   - output: `[batch, ..., units]`: logits if `fromLogits`, else predictions.
    ///   - target: of the same shape.
    func callAsFunction(_ output: Tensor, target: Tensor, fromLogits: Bool) -> (sum: Double, gradient: Tensor) {
        let units = output.shape.dimensions.last ?? 1
        let rows = output.count / max(units, 1)
        let target = labelSmoothing == 0 ? target : smoothed(target, classes: units)
        // Axes between the batch and the units are averaged.
        let rowsPerSample = rows / max(output.shape[0], 1)
        var gradient = Tensor(shape: output.shape, scalars: output.scalars)
        var sum = 0.0
        output.scalars.withUnsafeBufferPointer { y in
            target.scalars.withUnsafeBufferPointer { t in
                gradient.scalars.withUnsafeMutableBufferPointer { g in
                    for row in 0..<rows {
                        let range = row * units..<(row + 1) * units
                        let (y, t) = (UnsafeBufferPointer(rebasing: y[range]), UnsafeBufferPointer(rebasing: t[range]))
                        let g = UnsafeMutableBufferPointer(rebasing: g[range])
                        switch (kind, fromLogits) {
                        case (.categoricalCrossentropy, true): sum += Self.softmaxCrossentropy(y, t, g)
                        case (.categoricalCrossentropy, false): sum += Self.crossentropy(y, t, g)
                        case (.binaryCrossentropy, true): sum += Self.sigmoidCrossentropy(y, t, g)
                        case (.binaryCrossentropy, false): sum += Self.binaryCrossentropy(y, t, g)
                        case (.meanSquaredError, _): sum += Self.squaredError(y, t, g)
                        }
                        for i in 0..<units { g[i] /= Float(rows) }
                    }
                }
            }
        }
        return (sum / Double(rowsPerSample), gradient)
    }

    /// Keras's class and settings.
    public var described: JSON {
        switch kind {
        case .categoricalCrossentropy:
            JSON(className: "CategoricalCrossentropy", config: ["label_smoothing": .number(labelSmoothing)])
        case .binaryCrossentropy: JSON(className: "BinaryCrossentropy")
        case .meanSquaredError: JSON(className: "MeanSquaredError")
        }
    }

    private func smoothed(_ target: Tensor, classes: Int) -> Tensor {
        let (kept, spread) = (Float(1 - labelSmoothing), Float(labelSmoothing / Double(classes)))
        return Tensor(shape: target.shape, scalars: target.scalars.map { kept * $0 + spread })
    }

    // MARK: - One sample each: the loss, and its gradient into `g`

    private typealias Row = UnsafeBufferPointer<Float>
    private typealias MutableRow = UnsafeMutableBufferPointer<Float>

    /// Keras clips probabilities to this distance from 0 and 1.
    private static let epsilon = 1e-7

    private static func softmaxCrossentropy(_ z: Row, _ t: Row, _ g: MutableRow) -> Double {
        let largest = Double(z.max() ?? 0)
        var exponentials = 0.0, total = 0.0
        for i in z.indices {
            exponentials += exp(Double(z[i]) - largest)
            total += Double(t[i])
        }
        let logarithm = log(exponentials)
        var loss = 0.0
        for i in z.indices {
            let logProbability = Double(z[i]) - largest - logarithm
            if t[i] != 0 { loss -= Double(t[i]) * logProbability }
            g[i] = Float(total * exp(logProbability) - Double(t[i]))
        }
        return loss
    }

    private static func crossentropy(_ p: Row, _ t: Row, _ g: MutableRow) -> Double {
        let total = p.reduce(0.0) { $0 + Double($1) }
        var loss = 0.0, weighted = 0.0
        for i in p.indices {
            let q = Double(p[i]) / total
            let clipped = min(max(q, epsilon), 1 - epsilon)
            loss -= Double(t[i]) * log(clipped)
            // The derivative by q; it is 0 where the probability was clipped.
            let slope = q == clipped ? -Double(t[i]) / q : 0
            weighted += slope * q
            g[i] = Float(slope)
        }
        for i in p.indices { g[i] = Float((Double(g[i]) - weighted) / total) }
        return loss
    }

    private static func sigmoidCrossentropy(_ z: Row, _ t: Row, _ g: MutableRow) -> Double {
        var loss = 0.0
        for i in z.indices {
            let z = Double(z[i]), t = Double(t[i])
            loss += max(z, 0) - z * t + log1p(exp(-abs(z)))
            let sigmoid = z >= 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z))
            g[i] = Float((sigmoid - t) / Double(g.count))
        }
        return loss / Double(z.count)
    }

    private static func binaryCrossentropy(_ p: Row, _ t: Row, _ g: MutableRow) -> Double {
        var loss = 0.0
        for i in p.indices {
            let t = Double(t[i])
            let clipped = min(max(Double(p[i]), epsilon), 1 - epsilon)
            loss -= t * log(clipped) + (1 - t) * log(1 - clipped)
            let slope = Double(p[i]) == clipped ? (clipped - t) / (clipped * (1 - clipped)) : 0
            g[i] = Float(slope / Double(g.count))
        }
        return loss / Double(p.count)
    }

    private static func squaredError(_ y: Row, _ t: Row, _ g: MutableRow) -> Double {
        var loss = 0.0
        for i in y.indices {
            let difference = Double(y[i]) - Double(t[i])
            loss += difference * difference
            g[i] = Float(2 * difference / Double(g.count))
        }
        return loss / Double(y.count)
    }
}
