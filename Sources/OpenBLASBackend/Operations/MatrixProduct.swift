import COpenBLAS

/// `c = a * b + beta * c`, all row major; `a` is rows x inner and `b` inner x columns once transposed as asked.
func matrixProduct(
    _ a: Input, _ b: Input, _ c: Output, rows: Int, columns: Int, inner: Int, transposingA: Bool = false,
    transposingB: Bool = false, beta: Float = 0
) {
    cblas_sgemm(
        CblasRowMajor, transposingA ? CblasTrans : CblasNoTrans, transposingB ? CblasTrans : CblasNoTrans, Int32(rows),
        Int32(columns), Int32(inner), 1, a, Int32(transposingA ? rows : inner), b,
        Int32(transposingB ? inner : columns),
        beta, c, Int32(columns))
}

/// Adds `bias` to each of `rows`.
func addBias(_ bias: Input, _ y: Output, rows: Int, columns: Int) {
    for row in 0..<rows {
        let y = y + row * columns
        for column in 0..<columns { y[column] += bias[column] }
    }
}

/// Adds the sum of all rows of `dy` to `gradient`. The sum is kept in double precision: there are many rows.
func addColumnSums(_ dy: Input, _ gradient: Output, rows: Int, columns: Int) {
    var sums = [Double](repeating: 0, count: columns)
    for row in 0..<rows {
        let dy = dy + row * columns
        for column in 0..<columns { sums[column] += Double(dy[column]) }
    }
    for column in 0..<columns { gradient[column] += Float(sums[column]) }
}
