import Foundation

extension FuzzTarget {
    /// Does everything that a reader must not do: a crash of every kind, a hang, an unclear error.
    static let planted = FuzzTarget(
        name: "planted", starts: { [[0]] },
        mutate: { _, random in [UInt8.random(in: 0..<16, using: &random)] },
        read: { input, _ in
            switch input.first {
            case 0: fatalError("a planted trap")
            case 1: abort()
            case 2: exit(0)
            case 3: while true { usleep(1000) }
            case 4: _ = [UInt8](repeating: 1, count: 1 << 36)
            case 5: throw CocoaError(.fileReadCorruptFile)
            case 6: throw PlantedError(description: "two\nlines")
            case 7: throw PlantedError(description: "a clear error")
            default: break
            }
        })

    private struct PlantedError: Error, CustomStringConvertible { let description: String }
}
