import COpenBLAS
import HostMemory

/// A matrix in memory, whose rows are `stride` floats apart. Products read it as it is or transposed.
struct Matrix {
    let elements: Floats
    /// The sizes in memory, before transposing.
    let rows: Int, columns: Int, stride: Int
    private(set) var isTransposed = false

    init(_ elements: Floats, rows: Int, columns: Int, stride: Int? = nil) {
        self.elements = elements
        self.rows = rows
        self.columns = columns
        self.stride = stride ?? columns
    }

    var transposed: Matrix {
        var matrix = self
        matrix.isTransposed.toggle()
        return matrix
    }

    /// The matrix of these columns.
    func columns(_ range: Range<Int>) -> Matrix {
        Matrix(elements + range.lowerBound, rows: rows, columns: range.count, stride: stride)
    }

    /// The matrix of these rows.
    func rows(_ range: Range<Int>) -> Matrix {
        Matrix(elements + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
    }

    /// `self = a b`.
    func setProduct(_ a: Matrix, _ b: Matrix) { product(a, b, beta: 0) }

    /// `self += a b`.
    func addProduct(_ a: Matrix, _ b: Matrix) { product(a, b, beta: 1) }

    private func product(_ a: Matrix, _ b: Matrix, beta: Float) {
        cblas_sgemm(
            CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans, b.isTransposed ? CblasTrans : CblasNoTrans,
            blasint(rows), blasint(columns), blasint(a.isTransposed ? a.rows : a.columns),
            1, a.elements, blasint(a.stride), b.elements, blasint(b.stride),
            beta, elements, blasint(stride))
    }

    /// Writes `row` into every row.
    func fillRows(with row: Floats) {
        for i in 0..<rows { (elements + i * stride).update(from: row, count: columns) }
    }

    /// Adds every row to `sum`.
    func addRows(to sum: Floats) {
        for i in 0..<rows { add(elements + i * stride, to: sum, count: columns) }
    }
}

/// Makes products run on the calling thread. The loops around them use several threads (see ``Workers``).
///
/// The setting is the process's, so every pass sets it again.
func useOneThreadPerProduct() { openblas_set_num_threads(1) }
