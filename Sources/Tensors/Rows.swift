import System

extension RandomAccessCollection<Float> {
    /// Where the largest number is, counted from 0; of equals the first, as NumPy's `argmax`. 0 if there are none.
    @inlinable public func argmax() -> Int {
        var best = startIndex
        for index in indices where self[index] > self[best] { best = index }
        return distance(from: startIndex, to: best)
    }
}

/// A tensor as a table: each index of the first axis is a row with one sample of any shape.
extension Tensor {
    /// Tensors of one shape as the rows of one, in their order; `[0]` of none.
    ///
    /// The program ends with one line if their shapes differ.
    public init(rows: [Tensor]) {
        let shape = rows.first?.shape ?? []
        var scalars: [Float] = []
        scalars.reserveCapacity(rows.count * shape.count)
        for row in rows {
            guard row.shape == shape else { stop("rows of shape \(shape) and \(row.shape) do not make one tensor") }
            scalars += row.scalars
        }
        self.init(shape: shape.batched(rows.count), scalars: scalars)
    }

    /// The mean of all rows, with one sample's shape: NumPy's `mean(axis=0)`, summed in double precision.
    public func meanOfRows() -> Tensor {
        let row = shape.sample
        var sums = [Double](repeating: 0, count: row.count)
        scalars.withUnsafeBufferPointer { scalars in
            for start in stride(from: 0, to: scalars.count, by: max(row.count, 1)) {
                for i in 0..<row.count { sums[i] += Double(scalars[start + i]) }
            }
        }
        return Tensor(shape: row, scalars: sums.map { Float($0 / Double(max(shape[0], 1))) })
    }

    /// Subtracts `row`, a tensor of one sample's shape, from every row, in place.
    public mutating func subtractFromRows(_ row: Tensor) {
        guard row.shape == shape.sample else {
            stop("a row of shape \(row.shape) does not fit rows of \(shape.sample)")
        }
        let count = row.count
        scalars.withUnsafeMutableBufferPointer { scalars in
            row.scalars.withUnsafeBufferPointer { row in
                for start in stride(from: 0, to: scalars.count, by: max(count, 1)) {
                    for i in 0..<count { scalars[start + i] -= row[i] }
                }
            }
        }
    }

    /// The mean and standard deviation of every channel (last axis) over all other axes.
    public func channelStatistics() -> (mean: [Float], deviation: [Float]) {
        let channels = max(shape.dimensions.last ?? 1, 1)
        let count = Double(max(scalars.count / channels, 1))
        var sums = [Double](repeating: 0, count: channels), squares = sums
        scalars.withUnsafeBufferPointer { scalars in
            for start in stride(from: 0, to: scalars.count, by: channels) {
                for c in 0..<channels { sums[c] += Double(scalars[start + c]) }
            }
            for start in stride(from: 0, to: scalars.count, by: channels) {
                for c in 0..<channels {
                    let difference = Double(scalars[start + c]) - sums[c] / count
                    squares[c] += difference * difference
                }
            }
        }
        return (sums.map { Float($0 / count) }, squares.map { Float(($0 / count).squareRoot()) })
    }

    /// Subtracts its channel's `mean` from each value and divides by `deviation + 1e-6`, in place, as Keras's
    /// `featurewise_std_normalization`. The 1e-6 avoids a division by zero for a constant channel.
    public mutating func normalizeChannels(mean: [Float], deviation: [Float]) {
        let channels = shape.dimensions.last ?? 1
        guard mean.count == channels, deviation.count == channels else {
            stop("\(mean.count) means and \(deviation.count) deviations are not one for each of \(channels) channels")
        }
        let divisors = deviation.map { $0 + 1e-6 }
        scalars.withUnsafeMutableBufferPointer { scalars in
            for start in stride(from: 0, to: scalars.count, by: max(channels, 1)) {
                for c in 0..<channels { scalars[start + c] = (scalars[start + c] - mean[c]) / divisors[c] }
            }
        }
    }
}
