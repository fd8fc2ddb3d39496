extension Model {
    /// A hash of every bit of the weights and the optimizer's state: FNV-1a, in hexadecimal. It detects damaged
    /// checkpoints; it does not protect against deliberate changes.
    func checksum() throws -> String {
        let storage = try parameters()
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ scalars: [Float]) {
            for scalar in scalars { hash = (hash ^ UInt64(scalar.bitPattern)) &* 0x100_0000_01b3 }
        }
        let slots = compilation?.optimizer.slotNames.count ?? 0
        for (index, parameter) in graph.parameters.enumerated() {
            add(storage.weight(index).scalars)
            guard parameter.isTrainable else { continue }
            for slot in 0..<slots { add(storage.slot(slot, of: index).scalars) }
        }
        return String(hash, radix: 16)
    }
}
