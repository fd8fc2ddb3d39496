import ComputeGraph

extension Penalty {
    /// The penalty on these numbers, in double precision.
    func value(of w: UnsafeBufferPointer<Float>) -> Double {
        guard self != .none, let start = w.baseAddress else { return 0 }
        // Eight independent sums, so that the processor need not wait for each addition.
        @inline(__always)
        func sum(_ term: (SIMD8<Double>) -> SIMD8<Double>) -> Double {
            var sums = SIMD8<Double>.zero
            for i in stride(from: 0, to: w.count - 7, by: 8) {
                sums += term(SIMD8<Double>(UnsafeRawPointer(start + i).loadUnaligned(as: SIMD8<Float>.self)))
            }
            for i in w.count / 8 * 8..<w.count { sums[0] += term(SIMD8(repeating: Double(w[i])))[0] }
            return sums.sum()
        }
        return (l2 == 0 ? 0 : Double(l2) * sum { $0 * $0 })
            + (l1 == 0 ? 0 : Double(l1) * sum { $0.replacing(with: -$0, where: $0 .< 0) })
    }

    /// `result = g + ` the derivative at `w`, element by element.
    func addGradient(
        at w: UnsafePointer<Float>, to g: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>, count: Int
    ) {
        // Most penalties have one part, and this loop has no branch.
        let factor = 2 * l2
        for i in 0..<count { result[i] = g[i] + factor * w[i] }
        if l1 != 0 { for i in 0..<count { result[i] += w[i] > 0 ? l1 : w[i] < 0 ? -l1 : 0 } }
    }

    /// The derivative by a number; that of `l1 * |w|` at 0 is 0.
    @inline(__always)
    func gradient(at w: Float) -> Float {
        let square = 2 * l2 * w
        return l1 == 0 ? square : square + (w > 0 ? l1 : w < 0 ? -l1 : 0)
    }
}
