extension UnsafeBufferPointer<Float> {
    /// Whether there is neither an infinity nor a NaN among them.
    public var areFinite: Bool { largestMagnitude.isFinite }

    /// The largest of all without their signs, 0 of none; of a NaN it is one.
    public var largestMagnitude: Float {
        // Without the sign, the bits of floats are in their order, and what is not finite comes last. The largest of
        // integers is found many at a time.
        var largest: UInt32 = 0
        for scalar in self { largest = Swift.max(largest, scalar.bitPattern & 0x7fff_ffff) }
        return Float(bitPattern: largest)
    }
}

extension [Float] {
    /// Where the first infinity or NaN is.
    public var firstIndexThatIsNotFinite: Int? {
        withUnsafeBufferPointer(\.areFinite) ? nil : firstIndex { !$0.isFinite }
    }
}

extension Tensor {
    /// Whether there is neither an infinity nor a NaN in it.
    public var isFinite: Bool { scalars.withUnsafeBufferPointer { $0.areFinite } }

    /// The largest of all numbers without their signs, 0 of none; of a NaN it is one.
    public var largestMagnitude: Float { scalars.withUnsafeBufferPointer { $0.largestMagnitude } }

    /// The first row along the first axis that holds an infinity or a NaN.
    public var firstRowThatIsNotFinite: Int? {
        scalars.firstIndexThatIsNotFinite.map { $0 / max(shape.sample.count, 1) }
    }
}
