import System

/// The purpose of a random number. Different purposes never get the same numbers, for any seed.
public enum RandomPurpose: UInt32, Sendable {
    case initialization, shuffling, augmentation, dropout, drawing, preprocessing
}

/// The random numbers of one (seed, purpose, epoch, index), addressed by element.
///
/// The purpose decides what `index` is: a sample, a training step or a parameter. A number depends only on its address,
/// not on threads, on earlier calls, or on whether a run was stopped and resumed.
public struct RandomStream: Sendable {
    @usableFromInline let key: SIMD2<UInt32>
    @usableFromInline let epoch: UInt32
    @usableFromInline let index: UInt32
    @usableFromInline let purpose: UInt32

    public init(seed: UInt64, purpose: RandomPurpose, epoch: Int = 0, index: Int = 0) {
        key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        self.epoch = UInt32(truncatingIfNeeded: epoch)
        self.index = UInt32(truncatingIfNeeded: index)
        self.purpose = purpose.rawValue
    }

    /// What the numbers are a function of, for kernels that compute them elsewhere.
    public var address: (key: SIMD2<UInt32>, epoch: UInt32, index: UInt32, purpose: UInt32) {
        (key, epoch, index, purpose)
    }

    /// The four words that are elements `4 * block` to `4 * block + 3` of the stream.
    @inlinable
    public func words(block: Int) -> SIMD4<UInt32> {
        // The top byte of the last word holds the purpose, the rest the high bits of the block.
        let high = purpose << 24 | UInt32(truncatingIfNeeded: block >> 32) & 0xFF_FFFF
        return Philox.block(key: key, counter: SIMD4(UInt32(truncatingIfNeeded: block), index, epoch, high))
    }

    @inlinable
    public func word(_ element: Int) -> UInt32 { words(block: element >> 2)[element & 3] }

    /// A uniform number in [0, 1), a multiple of 2^-24.
    @inlinable
    public func uniform(_ element: Int) -> Float { Float(word(element) >> 8) * 0x1p-24 }

    /// A uniform number in `range`.
    @inlinable
    public func uniform(_ element: Int, in range: ClosedRange<Double>) -> Double {
        range.lowerBound + Double(word(element)) * 0x1p-32 * (range.upperBound - range.lowerBound)
    }

    /// Uniform among the first `count` whole numbers.
    public func place(_ element: Int, among count: Int) -> Int {
        guard count > 0 else { stop("there is no place among \(count)") }
        return Int(UInt64(count).multipliedFullWidth(by: UInt64(word(element)) << 32).high)
    }

    /// A permutation of `0..<count` (Fisher and Yates).
    public func permutation(_ count: Int) -> [Int] {
        guard count >= 0 else { stop("a permutation cannot have \(count) elements") }
        var order = Array(0..<count)
        guard count > 1 else { return order }
        for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, place(last, among: last + 1)) }
        return order
    }
}
