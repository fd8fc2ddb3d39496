import ComputeGraph
import HostMemory

/// Normalizes every channel to mean 0 and variance 1, then scales and shifts it:
/// `xhat = (x - mean) / sqrt(variance + epsilon)`, `y = gamma * xhat + beta`.
///
/// Statistics and sums are doubles, because a sum over a batch has millions of terms and the mean may be large.
final class BatchNormalization: Kernel {
    private let input: Signal, output: Signal
    /// `nil` if the normalization does not scale, or does not shift.
    private let gamma: Weights?, beta: Weights?
    private let movingMean: Weights, movingVariance: Weights
    /// The factors and summands of the channels; ones and zeros without gamma or beta.
    private let scale: Floats, shift: Floats
    /// Keeps the ones and zeros.
    private let constants: Buffer?
    private let epsilon: Double, momentum: Double
    /// Whether the statistics are the batch's. Moving statistics are constants in the backward pass.
    private let usesBatchStatistics: Bool
    private let workers: Workers

    private let channels: Int
    /// The statistics of the last forward pass, per channel.
    private var mean: [Double], deviationReciprocal: [Double]

    init(
        _ settings: NormalizationSettings, input: Signal, output: Signal, weights: [Weights], context: KernelContext
    ) throws {
        self.input = input
        self.output = output
        gamma = settings.scale ? weights[0] : nil
        beta = settings.center ? weights[settings.scale ? 1 : 0] : nil
        movingMean = weights[weights.count - 2]
        movingVariance = weights[weights.count - 1]
        epsilon = Double(settings.epsilon)
        momentum = Double(settings.momentum)
        usesBatchStatistics = context.isTraining && !settings.isFrozen
        let constants = try gamma == nil || beta == nil ? Buffer(count: 2 * input.channels) : nil
        constants?.floats.update(repeating: 1, count: input.channels)
        self.constants = constants
        guard let scale = gamma?.values ?? constants?.floats,
            let shift = beta?.values ?? constants.map({ $0.floats + input.channels })
        else { throw BackendError("a normalization has no factors") }
        self.scale = scale
        self.shift = shift
        workers = context.workers
        channels = input.channels
        mean = [Double](repeating: 0, count: input.channels)
        deviationReciprocal = mean
    }

    func forward() {
        if usesBatchStatistics {
            measureBatch()
        } else {
            for c in 0..<channels {
                mean[c] = Double(movingMean.values[c])
                deviationReciprocal[c] = 1 / (Double(movingVariance.values[c]) + epsilon).squareRoot()
            }
        }
        let gamma = scale, beta = shift
        forEachRow { offset, mean, deviationReciprocal in
            let x = input.values + offset, y = output.values + offset
            for c in 0..<channels {
                y[c] = gamma[c] * Float((Double(x[c]) - mean[c]) * deviationReciprocal[c]) + beta[c]
            }
        }
    }

    /// Computes the mean and biased variance over all axes except the channels, and moves the moving statistics. The mean
    /// comes first, because the textbook's `E[x^2] - E[x]^2` cancels if the mean is large.
    private func measureBatch() {
        let count = Double(input.rows)
        let sums = sumOfRows(terms: 1) { offset, sums in
            let x = input.values + offset
            for c in 0..<channels { sums[c] += Double(x[c]) }
        }
        for c in 0..<channels { mean[c] = sums[c] / count }

        let squares = mean.withUnsafeBufferPointer { mean in
            sumOfRows(terms: 1) { offset, sums in
                let x = input.values + offset
                for c in 0..<channels {
                    let distance = Double(x[c]) - mean[c]
                    sums[c] += distance * distance
                }
            }
        }
        for c in 0..<channels {
            let variance = squares[c] / count
            deviationReciprocal[c] = 1 / (variance + epsilon).squareRoot()
            movingMean.values[c] = Float(Double(movingMean.values[c]) * momentum + mean[c] * (1 - momentum))
            movingVariance.values[c] = Float(Double(movingVariance.values[c]) * momentum + variance * (1 - momentum))
        }
    }

    /// `dgamma = sum(dy * xhat)`, `dbeta = sum(dy)`, and with constant statistics `dx = dy * gamma / deviation`.
    /// The batch's statistics depend on `x`. A change of the mean or variance has no effect on the output, so the mean of
    /// `dy` and its part along `xhat` are subtracted: `dx = (dy - dbeta / n - xhat * dgamma / n) * gamma / deviation`.
    func backward() {
        guard let dy = output.gradient else { return }
        let sums = mean.withUnsafeBufferPointer { mean in
            deviationReciprocal.withUnsafeBufferPointer { deviationReciprocal in
                sumOfRows(terms: 2) { offset, sums in
                    let x = input.values + offset, dy = dy + offset
                    for c in 0..<channels {
                        sums[c] += Double(dy[c])
                        sums[channels + c] += Double(dy[c]) * (Double(x[c]) - mean[c]) * deviationReciprocal[c]
                    }
                }
            }
        }
        for c in 0..<channels {
            beta?.gradient?[c] += Float(sums[c])
            gamma?.gradient?[c] += Float(sums[channels + c])
        }

        guard let dx = input.gradient else { return }
        let count = Double(input.rows)
        let means = sums.map { usesBatchStatistics ? $0 / count : 0 }
        let gamma = scale
        means.withUnsafeBufferPointer { means in
            forEachRow { offset, mean, deviationReciprocal in
                let x = input.values + offset, dy = dy + offset, dx = dx + offset
                for c in 0..<channels {
                    let normalized = (Double(x[c]) - mean[c]) * deviationReciprocal[c]
                    let gradient = Double(dy[c]) - means[c] - normalized * means[channels + c]
                    dx[c] += Float(gradient * deviationReciprocal[c]) * gamma[c]
                }
            }
        }
    }

    /// Calls `body` with the offset of every row of channels, on several threads.
    private func forEachRow(
        _ body: (_ offset: Int, _ mean: UnsafePointer<Double>, _ deviationReciprocal: UnsafePointer<Double>) -> Void
    ) {
        mean.withUnsafeBufferPointer { mean in
            deviationReciprocal.withUnsafeBufferPointer { deviationReciprocal in
                guard let mean = mean.baseAddress, let reciprocal = deviationReciprocal.baseAddress else { return }
                workers.forEachSlice(of: input.rows, grain: 64) { _, rows in
                    for row in rows { body(row * channels, mean, reciprocal) }
                }
            }
        }
    }

    /// Computes `terms` sums per channel. `body` adds the terms of the row at an offset.
    private func sumOfRows(
        terms: Int, _ body: (_ offset: Int, _ sums: UnsafeMutablePointer<Double>) -> Void
    ) -> [Double] {
        let slices = workers.sliceCount(of: input.rows, grain: 64), count = terms * channels
        let shares = UnsafeMutablePointer<Double>.allocate(capacity: slices * count)
        shares.initialize(repeating: 0, count: slices * count)
        defer { shares.deallocate() }
        workers.forEachSlice(of: input.rows, grain: 64) { slice, rows in
            for row in rows { body(row * channels, shares + slice * count) }
        }
        return (0..<count).map { i in (0..<slices).reduce(0) { $0 + shares[$1 * count + i] } }
    }
}
