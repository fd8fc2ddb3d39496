import ComputeGraph

extension Penalty {
    /// The penalty on these numbers, in double precision.
    func value(of w: UnsafeBufferPointer<Float>) -> Double {
        guard self != .none, let start = w.baseAddress else { return 0 }
        // Eight independent sums, so that the processor need not wait for each addition.
        var squares = SIMD8<Double>.zero, magnitudes = SIMD8<Double>.zero
        for i in stride(from: 0, to: w.count - 7, by: 8) {
            let weights = SIMD8<Double>(UnsafeRawPointer(start + i).loadUnaligned(as: SIMD8<Float>.self))
            squares += weights * weights
            if l1 != 0 { magnitudes += weights.replacing(with: -weights, where: weights .< 0) }
        }
        for i in w.count / 8 * 8..<w.count {
            squares[0] += Double(w[i]) * Double(w[i])
            magnitudes[0] += Double(abs(w[i]))
        }
        return (l2 == 0 ? 0 : Double(l2) * squares.sum()) + (l1 == 0 ? 0 : Double(l1) * magnitudes.sum())
    }

    /// The derivative by a number; that of `l1 * |w|` at 0 is 0.
    @inline(__always)
    func gradient(at w: Float) -> Float {
        let square = 2 * l2 * w
        return l1 == 0 ? square : square + (w > 0 ? l1 : w < 0 ? -l1 : 0)
    }
}
