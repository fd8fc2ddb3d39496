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

extension AnalyzedGraph {
    /// - Throws: ``BackendError`` naming the first node whose output alone exceeds the free memory.
    public func requireMemoryForOutputs() throws {
        for node in graph.nodes {
            try BackendError.requireMemory(
                node.shape.count * MemoryLayout<Float>.stride, of: batchSize,
                for: "\(batchSize) outputs \(node.shape) of '\(node.name)'")
        }
    }
}
