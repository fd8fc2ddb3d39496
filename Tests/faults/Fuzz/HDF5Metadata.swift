/// The positions of an HDF5 file's structure. Without them most changes would only hit numbers.
enum HDF5Metadata {
    /// One to six changes, three of four within the structure.
    @Sendable
    static func mutate(_ starts: [[UInt8]], using random: inout CountedRandom) -> [UInt8] {
        var bytes = starts.randomElement(using: &random) ?? []
        if Int.random(in: 0..<64, using: &random) == 0 { return bytes }
        let structure = ranges(of: bytes)
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let isInStructure = Int.random(in: 0..<4, using: &random) > 0
            let range = isInStructure ? structure.randomElement(using: &random) : nil
            Mutation.change(&bytes, donors: starts, within: range ?? bytes.indices, using: &random)
        }
        return bytes
    }

    /// The superblock, and everything that begins like an object header, a tree, a heap or a symbol table.
    private static func ranges(of bytes: [UInt8]) -> [Range<Int>] {
        var ranges = [0..<96]
        let signatures = ["TREE", "HEAP", "SNOD", "GCOL", "OHDR", "FRHP", "BTHD"].map { Array($0.utf8) }
        for start in stride(from: 0, to: bytes.count - 16, by: 8) {
            if bytes[start] >= UInt8(ascii: "A"), signatures.contains(Array(bytes[start..<start + 4])) {
                ranges.append(start..<start + 256)
            } else if bytes[start] == 1, bytes[start + 1] == 0,
                bytes[start + 4..<start + 8].elementsEqual([1, 0, 0, 0]),
                bytes[start + 10..<start + 12].allSatisfy({ $0 == 0 })
            {
                // Version 1, a reference count of 1, and the size of the rest.
                let size = Int(bytes[start + 8]) | Int(bytes[start + 9]) << 8
                if size > 0 { ranges.append(start..<start + 16 + size) }
            }
        }
        return ranges
    }
}
