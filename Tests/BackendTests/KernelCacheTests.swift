import Foundation
import Testing
@testable import CUDABackend

@Suite struct KernelCacheTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

    @Test func codeIsKeptForItsKey() {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let cache = KernelCache(key: ["-DELEMENT=float", "text"], folder: folder)
        #expect(cache.code == nil)
        cache.keep([1, -2, 3])
        #expect(KernelCache(key: ["-DELEMENT=float", "text"], folder: folder).code == [1, -2, 3])
        #expect(KernelCache(key: ["-DELEMENT=bfloat16", "text"], folder: folder).code == nil)
    }

    @Test func aCacheThatCannotBeWrittenIsNotAnError() {
        let cache = KernelCache(key: ["text"], folder: "/dev/null")
        cache.keep([1])
        #expect(cache.code == nil)
    }
}
