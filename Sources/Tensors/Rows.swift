/// A tensor as a table: one sample a row, the first axis, however many axes a sample has.
extension Tensor {
    /// The mean of all rows, a tensor of one sample's shape; NumPy's `mean(axis=0)`. Summed in double precision.
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
        precondition(row.shape == shape.sample, "a row of shape \(row.shape) does not fit rows of \(shape.sample)")
        let count = row.count
        scalars.withUnsafeMutableBufferPointer { scalars in
            row.scalars.withUnsafeBufferPointer { row in
                for start in stride(from: 0, to: scalars.count, by: max(count, 1)) {
                    for i in 0..<count { scalars[start + i] -= row[i] }
                }
            }
        }
    }
}
