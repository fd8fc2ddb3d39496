import System

extension RandomAccessCollection where Element: FloatingPoint {
    /// Where the largest number is, counted from 0, as NumPy's `argmax`: of equals the first, and the first NaN if there is
    /// one. 0 if there are no numbers.
    @inlinable public func argmax() -> Int {
        var best = startIndex
        // Nothing is larger than NaN, and NaN is not smaller than anything.
        for index in indices where !(self[index] <= self[best]) {
            if self[best].isNaN { break }
            best = index
        }
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
}
