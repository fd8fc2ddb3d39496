/// Philox4x32-10: random numbers that are counted, not drawn.
///
/// Every block of four words is a pure function of a key and a counter, so any number can be computed at any time, in any
/// order, on any thread (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3. SC 2011).
public enum Philox {
    /// The four words at `counter` under `key`.
    @inlinable
    public static func block(key: SIMD2<UInt32>, counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
        var key = key
        var x = counter
        for _ in 0..<10 {
            let (high0, low0) = UInt32(0xD251_1F53).multipliedFullWidth(by: x.x)
            let (high1, low1) = UInt32(0xCD9E_8D57).multipliedFullWidth(by: x.z)
            x = SIMD4(high1 ^ x.y ^ key.x, low1, high0 ^ x.w ^ key.y, low0)
            key &+= SIMD2(0x9E37_79B9, 0xBB67_AE85)
        }
        return x
    }
}
