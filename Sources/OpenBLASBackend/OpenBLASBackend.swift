import COpenBLAS
import ComputeGraph
import HostMemory

/// The readable backend: plain loops, and matrix products by OpenBLAS. It runs wherever BLAS does.
///
/// To read it, start at `OpenBLASPlan`, which walks the graph. Every operation has its own file, with its forward and
/// backward pass.
public struct OpenBLASBackend: Backend {
    public let threads: Int

    public init(threads: Int) { self.threads = max(threads, 1) }

    public var name: String { "openblas" }

    /// The version of OpenBLAS and the processor of its kernels, for example `OpenBLAS 0.3.21 (Haswell)`.
    public var version: String {
        let configuration = openblas_get_config().map { String(cString: $0) } ?? "OpenBLAS"
        let processor = openblas_get_corename().map { String(cString: $0) } ?? "unknown"
        return configuration.split(separator: " ").prefix(2).joined(separator: " ") + " (\(processor))"
    }

    public func load(
        validated graph: Graph, sharing weights: [ParameterID: any Weight]
    ) throws -> any LoadedGraph {
        let workers = Workers(threads: threads)
        let parameters = HostParameters(graph, sharing: weights) { count, grain, body in
            workers.forEachSlice(of: count, grain: grain) { _, slice in body(slice) }
        }
        return OpenBLASLoadedGraph(graph: graph, parameters: parameters, workers: workers)
    }

    public func requireMemory(_ count: Int, of size: Int, for what: String) throws {
        try BackendError.requireMemory(count, of: size, for: what)
    }
}

/// A graph with its parameters in host memory.
final class OpenBLASLoadedGraph: LoadedGraph {
    private let graph: Graph
    private let workers: Workers
    private let hostParameters: HostParameters

    init(graph: Graph, parameters: HostParameters, workers: Workers) {
        self.graph = graph
        self.workers = workers
        hostParameters = parameters
    }

    var parameters: any ParameterStorage { hostParameters }

    func plan(batchSize: Int, mode: PlanMode) throws -> any Plan {
        try OpenBLASPlan(
            AnalyzedGraph(graph, batchSize: batchSize, mode: mode), parameters: hostParameters, workers: workers)
    }
}
