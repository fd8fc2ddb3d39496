import COpenBLAS
import ComputeGraph
import Foundation
import Tensors

/// The readable backend: every layer as its formula, channels last, convolution as a matrix product by OpenBLAS.
///
/// It is what the fast backend is held against, and runs wherever there is a BLAS.
public struct OpenBLASBackend: Backend {
    public let name = "openblas"
    public let threads: Int

    /// - Parameter threads: processor threads that matrix products are divided over; all that the machine has where
    ///   not given.
    public init(threads: Int = ProcessInfo.processInfo.activeProcessorCount) {
        self.threads = max(1, threads)
    }

    public var version: String {
        guard let config = openblas_get_config() else { return "OpenBLAS" }
        return String(cString: config)
    }

    public func load(_ graph: Graph) throws -> any LoadedGraph { OpenBLASGraph(graph: graph, threads: threads) }
}

final class OpenBLASGraph: LoadedGraph {
    private let graph: Graph
    private let threads: Int
    private let storage: HostParameters
    var parameters: any ParameterStorage { storage }

    init(graph: Graph, threads: Int) {
        self.graph = graph
        self.threads = threads
        storage = HostParameters(graph)
    }

    func plan(batchSize: Int, mode: PlanMode) throws -> any Plan {
        guard batchSize > 0 else { throw BackendError("a batch needs at least one sample") }
        return try OpenBLASPlan(
            graph: graph, parameters: storage, batchSize: batchSize, mode: mode, threads: threads)
    }
}
