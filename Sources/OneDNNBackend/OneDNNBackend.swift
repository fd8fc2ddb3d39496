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

    public func load(
        validated graph: Graph, sharing weights: [ParameterID: any Weight]
    ) throws -> any LoadedGraph {
        let engine = try Engine(threads: threads)
        let parameters = HostParameters(graph, sharing: weights, forEachPart: engine.forEachPart)
        return OneDNNGraph(graph: graph, parameters: parameters, engine: engine)
    }

    public func requireMemory(_ count: Int, of size: Int, for what: String) throws {
        try BackendError.requireMemory(count, of: size, for: what)
    }
}

final class OneDNNGraph: LoadedGraph {
    private let graph: Graph
    private let engine: Engine
    private let storage: HostParameters
    var parameters: any ParameterStorage { storage }

    init(graph: Graph, parameters: HostParameters, engine: Engine) {
        self.graph = graph
        self.engine = engine
        storage = parameters
    }

    func plan(batchSize: Int, mode: PlanMode) throws -> any Plan {
        let analyzed = try AnalyzedGraph(graph, batchSize: batchSize, mode: mode)
        try analyzed.requireMemoryForOutputs(BackendError.requireMemory)
        engine.useThreads()
        return try PlanBuilder(analyzed, engine: engine, parameters: storage).build()
    }
}
