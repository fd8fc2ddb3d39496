import COpenBLAS
import Foundation
import Tensors

/// Some rows of a matrix as blocks of doubles: products with float32 features run in double precision without a copy of
/// everything.
struct RowBlocks {
    /// One block, whose numbers are valid while the closure runs.
    struct Block {
        /// `[range.count, features]`
        let features: UnsafePointer<Double>
        let featureCount: Int
        /// Which of the rows they are.
        let range: Range<Int>

        /// The products of the rows with each of the `count` rows of `weights` `[count, features]`, as
        /// `[range.count, count]`.
        func products(with weights: [Double], count: Int) -> [Double] {
            weights.withUnsafeBufferPointer { weights in
                guard let base = weights.baseAddress else { return [] }
                return products(with: base, count: count)
            }
        }

        func products(with weights: UnsafePointer<Double>, count: Int) -> [Double] {
            [Double](unsafeUninitializedCapacity: range.count * count) { products, initialized in
                guard let base = products.baseAddress, count > 0 else { return }
                cblas_dgemm(
                    CblasRowMajor, CblasNoTrans, CblasTrans, blasint(range.count), blasint(count),
                    blasint(featureCount), 1, features, blasint(featureCount), weights, blasint(featureCount), 0, base,
                    blasint(count))
                initialized = range.count * count
            }
        }

        /// Adds, to each of the `count` rows of `sums` `[count, features]`, the rows times their `factors`
        /// `[range.count, count]`.
        func add(times factors: [Double], count: Int, to sums: UnsafeMutablePointer<Double>) {
            cblas_dgemm(
                CblasRowMajor, CblasTrans, CblasNoTrans, blasint(count), blasint(featureCount), blasint(range.count),
                1, factors, blasint(count), features, blasint(featureCount), 1, sums, blasint(featureCount))
        }
    }

    private static let blockSize = 1 << 20
    private let matrix: Matrix
    private let rows: [Int]
    /// The number of columns.
    let featureCount: Int

    private enum Matrix {
        case floats([Float])
        case doubles([Double])
    }

    /// - Parameters:
    ///   - x: `[samples, features]`, with at least one feature.
    ///   - rows: indices of samples.
    init(_ x: Tensor, rows: [Int]) {
        matrix = .floats(x.scalars)
        featureCount = x.shape[1]
        self.rows = rows
    }

    /// The coordinates of samples in the space that they span.
    init(_ space: RowSpace, rows: [Int]) {
        matrix = .doubles(space.coordinates)
        featureCount = space.sampleCount
        self.rows = rows
    }

    func forEach(_ body: (Block) -> Void) {
        useOneThreadPerProduct()
        switch matrix {
        case .floats(let scalars): forEach(of: scalars, body)
        case .doubles(let scalars): forEach(of: scalars, body)
        }
    }

    private func forEach<Scalar: BinaryFloatingPoint>(of scalars: [Scalar], _ body: (Block) -> Void) {
        let features = featureCount, height = min(max(Self.blockSize / features, 1), max(rows.count, 1))
        withUnsafeTemporaryAllocation(of: Double.self, capacity: height * features) { numbers in
            guard let base = numbers.baseAddress else { return }
            scalars.withUnsafeBufferPointer { scalars in
                for start in stride(from: 0, to: rows.count, by: height) {
                    let range = start..<min(start + height, rows.count)
                    for (place, row) in rows[range].enumerated() {
                        let source = scalars[row * features..<(row + 1) * features]
                        for (feature, value) in source.enumerated() {
                            numbers.initializeElement(at: place * features + feature, to: Double(value))
                        }
                    }
                    body(Block(features: base, featureCount: features, range: range))
                }
            }
        }
    }
}

/// Makes OpenBLAS, which liblinear uses too, compute on the calling thread. Several fits run at a time, and the order of
/// additions must not depend on how many.
func useOneThreadPerProduct() { openblas_set_num_threads(1) }

/// 1 / (1 + exp(-score)), without overflow.
func sigmoid(_ score: Double) -> Double {
    let small = exp(-abs(score))
    return score >= 0 ? 1 / (1 + small) : small / (1 + small)
}
