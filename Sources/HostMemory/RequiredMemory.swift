import ComputeGraph
import System

extension BackendError {
    /// Checks for `count` times `size` bytes of free memory.
    ///
    /// - Throws: ``BackendError`` if there are fewer.
    public static func requireMemory(_ count: Int, of size: Int = 1, for what: String) throws {
        let (product, overflow) = count.multipliedReportingOverflow(by: size)
        let bytes = overflow ? Int.max : product
        guard !FreeMemory.has(bytes) else { return }
        throw BackendError(
            "\(what) take \(FreeMemory.description(of: bytes)) of memory, but only "
                + "\(FreeMemory.description(of: FreeMemory.bytes())) are free")
    }
}
