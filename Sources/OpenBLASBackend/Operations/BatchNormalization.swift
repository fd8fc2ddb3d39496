import ComputeGraph

/// `y = gamma * (x - mean) / sqrt(variance + epsilon) + beta`, channel by channel.
///
/// In training, mean and variance are those of the batch, and depend on x themselves. With `xhat` the normalised
/// input and N the elements of a channel,
/// `dx = gamma / sqrt(variance + epsilon) * (dy - sum(dy) / N - xhat * sum(dy * xhat) / N)`.
final class BatchNormalization: Kernel {
    private let context: Context
    private let epsilon: Float
    private let momentum: Float
    private let usesMovingStatistics: Bool
    private let rows: Int
    private let channels: Int
    private var mean: [Double]
    /// `1 / sqrt(variance + epsilon)`.
    private var scale: [Double]

    init(_ context: Context, epsilon: Float, momentum: Float, isFrozen: Bool) {
        self.context = context
        self.epsilon = epsilon
        self.momentum = momentum
        usesMovingStatistics = isFrozen || !context.isTraining
        channels = context.channels
        rows = context.outputCount / channels
        mean = [Double](repeating: 0, count: channels)
        scale = mean
    }

    func forward(_ x: [Input], _ y: Output) {
        let x = x[0]
        if usesMovingStatistics {
            for c in 0..<channels {
                mean[c] = Double(context.weights(2)[c])
                scale[c] = 1 / (Double(context.weights(3)[c]) + Double(epsilon)).squareRoot()
            }
        } else {
            computeStatistics(x)
        }
        let (gamma, beta) = (context.weights(0), context.weights(1))
        for row in 0..<rows {
            let (x, y) = (x + row * channels, y + row * channels)
            for c in 0..<channels { y[c] = Float((Double(x[c]) - mean[c]) * scale[c]) * gamma[c] + beta[c] }
        }
    }

    /// Mean first, then the squares around it: a large mean costs no digits. The moving statistics follow.
    private func computeStatistics(_ x: Input) {
        var variance = [Double](repeating: 0, count: channels)
        for c in 0..<channels { mean[c] = 0 }
        for row in 0..<rows {
            let x = x + row * channels
            for c in 0..<channels { mean[c] += Double(x[c]) }
        }
        for c in 0..<channels { mean[c] /= Double(rows) }
        for row in 0..<rows {
            let x = x + row * channels
            for c in 0..<channels {
                let distance = Double(x[c]) - mean[c]
                variance[c] += distance * distance
            }
        }
        let (movingMean, movingVariance) = (context.weights(2), context.weights(3))
        for c in 0..<channels {
            variance[c] /= Double(rows)
            scale[c] = 1 / (variance[c] + Double(epsilon)).squareRoot()
            movingMean[c] = movingMean[c] * momentum + Float(mean[c]) * (1 - momentum)
            movingVariance[c] = movingVariance[c] * momentum + Float(variance[c]) * (1 - momentum)
        }
        context.parameters.weightsDidChange()
    }

    func backward(_ x: [Input], _ y: Input, _ dy: Input, _ dx: [Output?]) {
        let x = x[0]
        var sums = [Double](repeating: 0, count: channels)
        var products = sums
        for row in 0..<rows {
            let (x, dy) = (x + row * channels, dy + row * channels)
            for c in 0..<channels {
                sums[c] += Double(dy[c])
                products[c] += Double(dy[c]) * (Double(x[c]) - mean[c]) * scale[c]
            }
        }
        let gamma = context.weights(0)
        for c in 0..<channels {
            context.gradient(0)[c] += Float(products[c])
            context.gradient(1)[c] += Float(sums[c])
        }
        guard let dx = dx[0] else { return }
        let n = Double(rows)
        for row in 0..<rows {
            let (x, dy, dx) = (x + row * channels, dy + row * channels, dx + row * channels)
            for c in 0..<channels {
                let factor = Double(gamma[c]) * scale[c]
                if usesMovingStatistics {
                    dx[c] += Float(factor * Double(dy[c]))
                } else {
                    let normalized = (Double(x[c]) - mean[c]) * scale[c]
                    dx[c] += Float(factor * (Double(dy[c]) - sums[c] / n - normalized * products[c] / n))
                }
            }
        }
    }
}
