import Tensors

/// The random numbers of one input, a pure function of seed, target and number.
struct CountedRandom: RandomNumberGenerator {
    private let key: SIMD2<UInt32>
    private let input: SIMD2<UInt32>
    private var block: UInt32 = 0

    init(seed: UInt64, target: String, number: Int) {
        // FNV-1a, because Swift's own hashes change from run to run.
        let name = target.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        key = SIMD2(UInt32(truncatingIfNeeded: seed ^ name), UInt32(truncatingIfNeeded: (seed ^ name) >> 32))
        input = SIMD2(UInt32(truncatingIfNeeded: number), UInt32(truncatingIfNeeded: number >> 32))
    }

    mutating func next() -> UInt64 {
        let words = Philox.block(key: key, counter: SIMD4(block, 0, input.x, input.y))
        block += 1
        return UInt64(words.x) << 32 | UInt64(words.y)
    }
}
