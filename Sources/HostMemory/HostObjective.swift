import ComputeGraph
import Foundation
import Tensors

extension Objective {
    /// The objective of one batch, and its gradient: of the mean over the samples, times the weight.
    ///
    /// - Parameters:
    ///   - output: `[batch, ..., units]`.
    ///   - target: of the same shape; empty for a loss that takes none.
    ///   - gradient: of the same shape, overwritten.
    ///   - sampleWeights: the factor of each sample's loss; `nil`: all 1. A loss that takes no target ignores them.
    ///   - share: of the samples, if others are elsewhere: the gradient is of the mean over all of them.
    public func evaluate(
        _ output: UnsafeBufferPointer<Float>, target: UnsafeBufferPointer<Float>,
        gradient: UnsafeMutableBufferPointer<Float>, samples: Int, units: Int, sampleWeights: [Float]? = nil,
        share: Float = 1
    ) -> Score {
        let units = max(units, 1), rows = output.count / units
        // Axes between the batch and the units are averaged.
        let rowsPerSample = rows / max(samples, 1)
        var sum = 0.0
        let sampleWeights = loss.takesTarget ? sampleWeights : nil
        let smoothing = loss.smoothing(units: units)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: units) { smoothed in
            for row in 0..<rows {
                let range = row * units..<(row + 1) * units
                let y = UnsafeBufferPointer(rebasing: output[range])
                let g = UnsafeMutableBufferPointer(rebasing: gradient[range])
                var t = target.isEmpty ? y : UnsafeBufferPointer(rebasing: target[range])
                if let smoothing {
                    for i in 0..<units { smoothed[i] = smoothing.kept * t[i] + smoothing.spread }
                    t = UnsafeBufferPointer(smoothed)
                }
                let rowLoss = loss.row(y, t, g, rows: rows, samples: samples)
                guard let sampleWeights else {
                    sum += rowLoss
                    continue
                }
                // Here, while the row is in the processor's cache.
                let factor = sampleWeights[row / max(rowsPerSample, 1)]
                sum += Double(factor) * rowLoss
                for i in g.indices { g[i] *= factor }
            }
        }
        for factor in [weight, share] where factor != 1 { for i in gradient.indices { gradient[i] *= factor } }
        let perSample: Double =
            switch loss {
            case .weightedSum, .penalty: 1
            default: Double(max(rowsPerSample, 1))
            }
        return Score(
            loss: sum / perSample,
            correct: target.isEmpty
                ? ranks.map { _ in 0 }
                : ranks.map { correct(output, target, units: units, rank: $0) / Double(max(rowsPerSample, 1)) })
    }

    /// The number of rows whose prediction is right. For rank 1 with one unit: the target is 1 and the output above the
    /// threshold, or the target is 0 and the output is not. With several units: the first of the largest outputs is that of
    /// the target's class. For other ranks: fewer than `rank` outputs are larger than that of the target's class, and all
    /// are finite.
    private func correct(
        _ output: UnsafeBufferPointer<Float>, _ target: UnsafeBufferPointer<Float>, units: Int, rank: Int
    ) -> Double {
        var correct = 0
        for start in stride(from: 0, to: output.count, by: units) {
            if units == 1, rank == 1 {
                if target[start] == (output[start] > threshold ? 1 : 0) { correct += 1 }
                continue
            }
            let y = output[start..<start + units]
            let place = target[start..<start + units].argmax()
            if rank == 1 {
                if y.argmax() == place { correct += 1 }
                continue
            }
            let value = output[start + place]
            var larger = 0
            for i in y.indices where y[i] > value { larger += 1 }
            if larger < rank, y.allSatisfy(\.isFinite) { correct += 1 }
        }
        return Double(correct)
    }
}

extension LossFunction {
    /// How targets are softened, if they are.
    fileprivate func smoothing(units: Int) -> (kept: Float, spread: Float)? {
        switch self {
        case .categoricalCrossentropy(let smoothing, _) where smoothing != 0:
            (Float(1 - smoothing), Float(smoothing / Double(units)))
        case .binaryCrossentropy(let smoothing, _) where smoothing != 0:
            (Float(1 - smoothing), Float(smoothing / 2))
        default: nil
        }
    }

    fileprivate typealias Row = UnsafeBufferPointer<Float>
    fileprivate typealias MutableRow = UnsafeMutableBufferPointer<Float>

    /// One row's loss; `g` becomes its part of the gradient of the mean over `rows` rows.
    fileprivate func row(_ y: Row, _ t: Row, _ g: MutableRow, rows: Int, samples: Int) -> Double {
        let loss: Double
        switch self {
        case .categoricalCrossentropy(_, fromLogits: true): loss = Self.softmaxCrossentropy(y, t, g)
        case .categoricalCrossentropy(_, fromLogits: false): loss = Self.crossentropy(y, t, g)
        case .binaryCrossentropy(_, fromLogits: true): loss = Self.sigmoidCrossentropy(y, t, g)
        case .binaryCrossentropy(_, fromLogits: false): loss = Self.binaryCrossentropy(y, t, g)
        case .meanSquaredError: loss = Self.squaredError(y, t, g)
        case .weightedSum:
            // Not a mean: the gradient is the target itself.
            var sum = 0.0
            for i in y.indices {
                sum += Double(y[i]) * Double(t[i])
                g[i] = t[i]
            }
            return sum
        case .penalty(let penalty):
            // A sum over all rows of a sample, not a mean.
            for i in y.indices { g[i] = penalty.gradient(at: y[i]) / Float(samples) }
            return penalty.value(of: y)
        }
        for i in g.indices { g[i] /= Float(rows) }
        return loss
    }

    /// Keras clips probabilities to 1e-7 from 0 and 1, in single precision.
    private static let probabilities = Double(Float(1e-7))...Double(1 - Float(1e-7))

    private static func clip(_ p: Double) -> Double {
        min(max(p, probabilities.lowerBound), probabilities.upperBound)
    }

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
            let clipped = clip(q)
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
            let clipped = clip(Double(p[i]))
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
