/// FNV-1a, a 64-bit hash that tells damaged data from whole data. It does not protect against forgery.
public struct FNV1a {
    public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    public init() {}

    /// Adds each number as one unit, whatever its size: bytes give the published hash.
    public mutating func add(_ units: some Sequence<some FixedWidthInteger & UnsignedInteger>) {
        for unit in units { value = (value ^ UInt64(unit)) &* 0x100_0000_01b3 }
    }

    /// Adds the bits of each number.
    public mutating func add(_ scalars: [Float]) {
        // Not by `map`: weights take up to gigabytes.
        for scalar in scalars { value = (value ^ UInt64(scalar.bitPattern)) &* 0x100_0000_01b3 }
    }

    /// Without leading zeros.
    public var hexadecimal: String { String(value, radix: 16) }
}
