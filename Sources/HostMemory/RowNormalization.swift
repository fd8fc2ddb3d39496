import ComputeGraph

/// Batch normalization in plain loops over rows of channels: every channel gets mean 0 and variance 1, then is scaled and
/// shifted. `xhat = (x - mean) / sqrt(variance + epsilon)`, `y = gamma * xhat + beta`.
///
/// Statistics and sums are doubles, because a sum over a batch has millions of terms and the mean may be large.
public final class RowNormalization {
    /// Rows that threads share: calls a body for every slice, with its number, which is below `count`.
    public struct Slices {
        let count: Int
        let forEach: (_ body: (_ slice: Int, _ rows: Range<Int>) -> Void) -> Void

        public init(count: Int, forEach: @escaping (_ body: (_ slice: Int, _ rows: Range<Int>) -> Void) -> Void) {
            (self.count, self.forEach) = (count, forEach)
        }
    }

    private let rows: Int, channels: Int
    private let epsilon: Double, momentum: Double
    private let slices: Slices
    /// The statistics of the last forward pass, per channel.
    private var mean: [Double], deviationReciprocal: [Double]
    /// The rows that these are statistics of: 0 if they are constants.
    private var measuredRows = 0.0

    public init(_ settings: NormalizationSettings, rows: Int, channels: Int, slices: Slices) {
        (self.rows, self.channels, self.slices) = (rows, channels, slices)
        epsilon = Double(settings.epsilon)
        momentum = Double(settings.momentum)
        mean = [Double](repeating: 0, count: channels)
        deviationReciprocal = mean
    }

    /// Takes the moving statistics.
    public func take(mean movingMean: ConstFloats, variance movingVariance: ConstFloats) {
        for c in 0..<channels {
            mean[c] = Double(movingMean[c])
            deviationReciprocal[c] = 1 / (Double(movingVariance[c]) + epsilon).squareRoot()
        }
        measuredRows = 0
    }

    /// Computes the mean and biased variance over all rows, and moves the moving statistics. The mean comes first, because
    /// the textbook's `E[x^2] - E[x]^2` cancels if the mean is large.
    ///
    /// - Parameter shared: the step whose other processes have more rows, if there are any.
    public func measure(
        _ x: ConstFloats, moving movingMean: Floats, _ movingVariance: Floats, shared: (any SharedStep)?
    ) {
        let isCounted = shared?.hasSamples ?? true
        var sums = sumOfRows(terms: 1, isCounted: isCounted) { row, sums in
            for c in 0..<channels { sums[c] += Double(x[row + c]) }
        }
        sums.append(isCounted ? Double(rows) : 0)
        shared?.sum(&sums)
        measuredRows = sums[channels]
        for c in 0..<channels { mean[c] = sums[c] / measuredRows }

        var squares = mean.withUnsafeBufferPointer { mean in
            sumOfRows(terms: 1, isCounted: isCounted) { row, sums in
                for c in 0..<channels {
                    let distance = Double(x[row + c]) - mean[c]
                    sums[c] += distance * distance
                }
            }
        }
        shared?.sum(&squares)
        for c in 0..<channels {
            let variance = squares[c] / measuredRows
            deviationReciprocal[c] = 1 / (variance + epsilon).squareRoot()
            movingMean[c] = Float(Double(movingMean[c]) * momentum + mean[c] * (1 - momentum))
            movingVariance[c] = Float(Double(movingVariance[c]) * momentum + variance * (1 - momentum))
        }
    }

    /// Computes `y`.
    public func normalize(_ x: ConstFloats, gamma: ConstFloats, beta: ConstFloats, into y: Floats) {
        forEachRow { row, mean, deviationReciprocal in
            let x = x + row, y = y + row
            for c in 0..<channels {
                y[c] = gamma[c] * Float((Double(x[c]) - mean[c]) * deviationReciprocal[c]) + beta[c]
            }
        }
    }

    /// Adds `sum(dy * xhat)` to the gradient of gamma, `sum(dy)` to that of beta, and to that of x, with constant
    /// statistics, `dy * gamma / deviation`. The batch's statistics depend on `x`. A change of the mean or variance has no
    /// effect on the output, so the mean of `dy` and its part along `xhat` are subtracted:
    /// `(dy - dbeta / n - xhat * dgamma / n) * gamma / deviation`.
    ///
    /// - Parameter shared: the step that ``measure(_:moving:_:shared:)`` had.
    public func addGradients(
        of x: ConstFloats, _ dy: ConstFloats, gamma: ConstFloats, into dx: Floats?, ofGamma dgamma: Floats?,
        ofBeta dbeta: Floats?, shared: (any SharedStep)?
    ) {
        var sums = mean.withUnsafeBufferPointer { mean in
            deviationReciprocal.withUnsafeBufferPointer { deviationReciprocal in
                sumOfRows(terms: 2) { row, sums in
                    for c in 0..<channels {
                        let dy = Double(dy[row + c])
                        sums[c] += dy
                        sums[channels + c] += dy * (Double(x[row + c]) - mean[c]) * deviationReciprocal[c]
                    }
                }
            }
        }
        for c in 0..<channels {
            dbeta?[c] += Float(sums[c])
            dgamma?[c] += Float(sums[channels + c])
        }
        // The other processes' rows have moved the statistics too.
        shared?.sum(&sums)

        // A sample that does not count has no gradient, but its way through the statistics would be one.
        guard let dx, shared?.hasSamples ?? true else { return }
        let means = sums.map { measuredRows > 0 ? $0 / measuredRows : 0 }
        means.withUnsafeBufferPointer { means in
            forEachRow { row, mean, deviationReciprocal in
                let x = x + row, dy = dy + row, dx = dx + row
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
                slices.forEach { _, rows in
                    for row in rows { body(row * channels, mean, reciprocal) }
                }
            }
        }
    }

    /// Computes `terms` sums per channel. `body` adds the terms of the row at an offset.
    private func sumOfRows(
        terms: Int, isCounted: Bool = true, _ body: (_ offset: Int, _ sums: UnsafeMutablePointer<Double>) -> Void
    ) -> [Double] {
        let count = terms * channels
        guard isCounted else { return [Double](repeating: 0, count: count) }
        let shares = UnsafeMutablePointer<Double>.allocate(capacity: slices.count * count)
        shares.initialize(repeating: 0, count: slices.count * count)
        defer { shares.deallocate() }
        slices.forEach { slice, rows in
            for row in rows { body(row * channels, shares + slice * count) }
        }
        return (0..<count).map { i in (0..<slices.count).reduce(0) { $0 + shares[$1 * count + i] } }
    }
}
