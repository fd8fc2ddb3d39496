extension FuzzTarget {
    /// PNG files of every kind. Most of the damaged ones have matching checksums, without which a decoder stops early.
    static let png = FuzzTarget(
        name: "png", starts: { try Pictures.files(endingIn: ".png") },
        mutate: { starts, random in
            let bytes = Mutation.mutate(starts, using: &random)
            return Int.random(in: 0..<4, using: &random) > 0 ? withRightSums(bytes) : bytes
        },
        read: { input, _ in try Pictures.decode(input) })

    /// Every complete chunk gets the checksum of its contents.
    private static func withRightSums(_ png: [UInt8]) -> [UInt8] {
        var bytes = png
        var start = 8
        while start + 12 <= bytes.count {
            let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
            guard start + 12 + length <= bytes.count else { break }
            var sum: UInt32 = .max
            for byte in bytes[start + 4..<start + 8 + length] {
                sum ^= UInt32(byte)
                for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
            }
            for position in 0..<4 {
                bytes[start + 8 + length + position] = UInt8(truncatingIfNeeded: ~sum >> UInt32(24 - 8 * position))
            }
            start += 12 + length
        }
        return bytes
    }
}
