import Foundation
import Testing
@testable import System

@Suite struct MemoryTests {
    /// The memory left to a container is its limit minus its use, where cached files do not count.
    @Test(arguments: [("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")])
    func theRestOfALimitIsAvailable(limit: String, used: String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func write(_ text: String, to name: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        #expect(ControlGroups.free(in: folder) == nil)
        try write("8000000\n", to: limit)
        try write("7000000\n", to: used)
        #expect(ControlGroups.free(in: folder) == 1_000_000)
        try write("anon 1\ninactive_file 3000000\nactive_file 5\n", to: "memory.stat")
        #expect(ControlGroups.free(in: folder) == 4_000_000)
        try write("9000000000\n", to: used)
        #expect(ControlGroups.free(in: folder) == 0)
        try write("max\n", to: limit)
        #expect(ControlGroups.free(in: folder) == nil)
    }

    @Test func memoryIsLeft() {
        #expect(FreeMemory.bytes() > 1 << 20)
        #expect(FreeMemory.has(1) && !FreeMemory.has(.max))
    }
}
