extension UnsafeBufferPointer<Float> {
    /// Whether all elements are finite: neither infinite nor NaN.
    public var areFinite: Bool { largestMagnitude.isFinite }

    /// The largest magnitude, 0 for no elements. NaN if any element is NaN.
    public var largestMagnitude: Float {
        // Without the sign, the bits of floats are ordered as their values, with infinity and NaN last. The compiler
        // vectorizes the maximum of integers.
        var largest: UInt32 = 0
        for scalar in self { largest = Swift.max(largest, scalar.bitPattern & 0x7fff_ffff) }
        return Float(bitPattern: largest)
    }
}

extension [Float] {
    /// The index of the first infinity or NaN.
    public var firstIndexThatIsNotFinite: Int? {
        withUnsafeBufferPointer(\.areFinite) ? nil : firstIndex { !$0.isFinite }
    }
}

extension Tensor {
    /// Whether all elements are finite: neither infinite nor NaN.
    public var isFinite: Bool { scalars.withUnsafeBufferPointer { $0.areFinite } }

    /// The largest magnitude, 0 for no elements. NaN if any element is NaN.
    public var largestMagnitude: Float { scalars.withUnsafeBufferPointer { $0.largestMagnitude } }

    /// The index along the first axis of the first row with an infinity or a NaN.
    public var firstRowThatIsNotFinite: Int? {
        scalars.firstIndexThatIsNotFinite.map { $0 / max(shape.sample.count, 1) }
    }
}
