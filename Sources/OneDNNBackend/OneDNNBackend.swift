import CDNNL
import ComputeGraph
import Foundation
import HostMemory
import Tensors

/// The fast backend: oneDNN's primitives, each in its fastest memory layout.
public struct OneDNNBackend: Backend {
    public let name = "onednn"
    public let threads: Int

    /// - Parameter threads: the number of processor threads that compute, by default all of the machine.
    public init(threads: Int = ProcessInfo.processInfo.activeProcessorCount) {
        self.threads = max(1, threads)
    }

    public var version: String {
        guard let version = dnnl_version()?.pointee else { return "oneDNN" }
        return "oneDNN \(version.major).\(version.minor).\(version.patch)"
    }

    public func load(validated graph: Graph) throws -> any LoadedGraph {
        OneDNNGraph(graph: graph, engine: try Engine(threads: threads))
    }
}

final class OneDNNGraph: LoadedGraph {
    private let graph: Graph
    private let engine: Engine
    private let storage: HostParameters
    var parameters: any ParameterStorage { storage }

    init(graph: Graph, engine: Engine) {
        self.graph = graph
        self.engine = engine
        storage = HostParameters(graph)
    }

    func plan(batchSize: Int, mode: PlanMode) throws -> any Plan {
        try graph.validate(batchSize: batchSize)
        engine.useThreads()
        let builder = try PlanBuilder(
            graph: graph, batchSize: batchSize, engine: engine, parameters: storage, mode: mode)
        return try builder.build()
    }
}
