import COpenBLAS
import System
import Tensors

/// The space that samples span, with an orthonormal basis: for samples with many more features than there are samples,
/// such as the 25,088 that VGG16 has for a picture.
///
/// With an L2 penalty the best coefficients are a sum of samples. A solver that starts at 0 and only takes scalar products
/// never leaves this space, and goes the same steps in its coordinates, of which there are only as many as samples.
///
/// Source: Hastie and Tibshirani, "Efficient quadratic regularization for expression arrays", Biostatistics 5, 2004.
struct RowSpace: Sendable {
    /// `[samples, samples]`: each sample in the coordinates of the basis.
    let coordinates: [Double]
    /// `[samples, features]`, with orthonormal rows.
    private let basis: [Double]
    let sampleCount: Int
    let featureCount: Int

    /// `nil` where it does not pay: with less than two features for each sample, or if the memory for a second copy of the
    /// features, in double precision, is not free.
    ///
    /// - Parameter x: `[samples, features]`, finite.
    init?(_ x: Tensor) {
        let samples = x.rowCount, features = x.shape[1]
        let bytes = samples * (samples + features) * MemoryLayout<Double>.stride
        guard features >= 2 * samples, FreeMemory.has(bytes) else { return nil }
        useOneThreadPerProduct()
        // The QR factorization of the transposed samples: LAPACK's matrices have columns where ours have rows.
        var matrix = x.scalars.map(Double.init)
        var (height, width, stride, order) = (blasint(features), blasint(samples), blasint(features), blasint(samples))
        var factors = [Double](repeating: 0, count: samples)
        var work = [Double](repeating: 0, count: 64 * samples), size = blasint(work.count), status = blasint(0)
        dgeqrf_(&height, &width, &matrix, &stride, &factors, &work, &size, &status)
        guard status == 0 else { return nil }
        // The coordinates stand in the upper triangle of R, each sample's in a column.
        coordinates = (0..<samples * samples).map { place in
            let (sample, coordinate) = place.quotientAndRemainder(dividingBy: samples)
            return coordinate <= sample ? matrix[sample * features + coordinate] : 0
        }
        dorgqr_(&height, &width, &order, &matrix, &stride, &factors, &work, &size, &status)
        guard status == 0 else { return nil }
        basis = matrix
        (sampleCount, featureCount) = (samples, features)
    }

    /// Whether making it takes seconds or more: a core does some 20 billion operations in each.
    static func takesLong(_ x: Tensor) -> Bool {
        let samples = Double(x.rowCount), features = Double(x.shape[1])
        return features >= 2 * samples && 4 * samples * samples * features > 4e10
    }

    /// A range of the features of vectors that are given in coordinates.
    ///
    /// - Parameter vectors: `[count, samples]`.
    /// - Returns: `[count, range.count]`.
    func features(_ range: Range<Int>, of vectors: UnsafePointer<Double>, count: Int) -> [Double] {
        useOneThreadPerProduct()
        return [Double](unsafeUninitializedCapacity: count * range.count) { products, initialized in
            basis.withUnsafeBufferPointer { basis in
                guard let base = basis.baseAddress, let products = products.baseAddress else { return }
                cblas_dgemm(
                    CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(count), blasint(range.count),
                    blasint(sampleCount), 1, vectors, blasint(sampleCount), base + range.lowerBound,
                    blasint(featureCount), 0, products, blasint(range.count))
                initialized = count * range.count
            }
        }
    }
}
