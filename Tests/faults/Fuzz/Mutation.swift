/// Damages to valid bytes.
enum Mutation {
    /// Takes one of `starts` and damages it in one to six places, rarely in none.
    @Sendable
    static func mutate(_ starts: [[UInt8]], using random: inout CountedRandom) -> [UInt8] {
        var bytes = starts.randomElement(using: &random) ?? []
        if Int.random(in: 0..<64, using: &random) == 0 { return bytes }
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            change(&bytes, donors: starts, within: 0..<bytes.count, using: &random)
        }
        return bytes
    }

    /// One change that begins within `range`.
    static func change(
        _ bytes: inout [UInt8], donors: [[UInt8]], within range: Range<Int>, using random: inout CountedRandom
    ) {
        let range = range.clamped(to: bytes.indices)
        guard let position = range.randomElement(using: &random) else {
            bytes.append(UInt8.random(in: 0...255, using: &random))
            return
        }
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1, 2: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 3: bytes[position] = UInt8.random(in: 0...255, using: &random)
        case 4, 5, 6: overwrite(&bytes, at: position, with: hugeNumber(using: &random))
        case 7: bytes.removeSubrange(position...)
        case 8: bytes.removeSubrange(block(at: position, of: bytes, using: &random))
        case 9:
            let block = Array(bytes[block(at: position, of: bytes, using: &random)])
            let times = Int.random(in: 1...8, using: &random)
            bytes.insert(contentsOf: [[UInt8]](repeating: block, count: times).joined(), at: position)
        case 10:
            let donor = donors.randomElement(using: &random) ?? bytes
            guard let start = donor.indices.randomElement(using: &random) else { return }
            overwrite(&bytes, at: position, with: Array(donor[block(at: start, of: donor, using: &random)]))
        default:
            for index in block(at: position, of: bytes, using: &random) { bytes[index] = 0 }
        }
    }

    /// A number at the limit of some number of bytes, in either byte order.
    private static func hugeNumber(using random: inout CountedRandom) -> [UInt8] {
        let numbers: [UInt64] = [
            0, 1, .max, .max - 1, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
            0x7FFF, 0xFFFF, 0x7F, 0x80, 1 << 20, 1 << 40, UInt64.random(in: 0...(.max), using: &random),
        ]
        let width = [1, 2, 4, 8].randomElement(using: &random) ?? 1
        let number = numbers.randomElement(using: &random) ?? 0
        let bytes = (0..<width).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
        return Bool.random(using: &random) ? bytes : bytes.reversed()
    }

    /// From `position`: mostly short, sometimes to the end.
    private static func block(at position: Int, of bytes: [UInt8], using random: inout CountedRandom) -> Range<Int> {
        let longest = [8, 64, 1024, bytes.count].randomElement(using: &random) ?? 8
        return position..<min(position + Int.random(in: 1...max(longest, 1), using: &random), bytes.count)
    }

    private static func overwrite(_ bytes: inout [UInt8], at position: Int, with new: [UInt8]) {
        let end = min(position + new.count, bytes.count)
        bytes.replaceSubrange(position..<end, with: new.prefix(end - position))
    }
}
