import System

extension Model {
    /// A hash of every bit of the weights and the optimizer's state: FNV-1a, in hexadecimal. It detects damaged
    /// checkpoints; it does not protect against deliberate changes.
    func checksum() throws -> String {
        let storage = try parameters()
        var hash = FNV1a()
        let slots = compilation?.optimizer.slotNames.count ?? 0
        for parameter in graph.parameterIDs {
            hash.add(storage.weight(parameter).scalars)
            guard graph[parameter].isTrainable else { continue }
            for slot in 0..<slots { hash.add(storage.slot(slot, of: parameter).scalars) }
        }
        return hash.hexadecimal
    }
}
