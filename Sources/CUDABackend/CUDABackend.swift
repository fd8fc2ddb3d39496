import ComputeGraph
import System

/// The GPU's backend: convolutions by cuDNN, matrix products by cuBLAS, and kernels of our own for all else.
///
/// To read it, start at `CUDAPlan`, which walks the graph. Every operation has its own file, with its forward and backward
/// pass; its kernels are in `Sources/CGPUKernels/Kernels`.
public struct CUDABackend: Backend {
    public let precision: Precision
    let device: Device

    /// The first GPU; `CUDA_VISIBLE_DEVICES` chooses among several.
    ///
    /// - Throws: ``BackendError`` if there is no GPU, or if one of NVIDIA's libraries is missing.
    public init(precision: Precision = .float32) throws {
        self.precision = precision
        device = try Device.first()
    }

    public var name: String { "cuda" }

    /// The versions, the GPU and the numbers: `cuDNN 9.28.1, CUDA 13.0, driver 580.159.04, NVIDIA H200, bfloat16`.
    public var version: String { "\(device.version), \(precision.rawValue)" }

    /// The GPU computes, so one thread of the host is enough.
    public var threads: Int { 1 }

    public var hardware: String { "\(device.name), \(precision.rawValue)" }

    public func load(
        validated graph: Graph, sharing weights: [ParameterID: any Weight]
    ) throws -> any LoadedGraph {
        CUDALoadedGraph(
            graph: graph,
            parameters: try CUDAParameters(graph, sharing: weights, device: device, kernels: device.kernels(precision)),
            device: device, precision: precision)
    }

    public func requireMemory(_ count: Int, of size: Int, for what: String) throws {
        try device.requireMemory(count, of: size, for: what)
    }
}

extension Device {
    /// - Throws: ``BackendError`` if fewer than `count` times `size` bytes are free.
    func requireMemory(_ count: Int, of size: Int, for what: String) throws {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
        let free = try memory().free
        guard overflow || bytes > free else { return }
        throw BackendError(
            "\(what) take \(overflow ? "more than 2^63 bytes" : FreeMemory.description(of: bytes)) of the GPU's memory, but only "
                + "\(FreeMemory.description(of: free)) are free")
    }
}

/// A graph with its parameters in the GPU's memory.
final class CUDALoadedGraph: LoadedGraph {
    private let graph: Graph
    private let device: Device
    private let precision: Precision
    private let cudaParameters: CUDAParameters

    init(graph: Graph, parameters: CUDAParameters, device: Device, precision: Precision) {
        self.graph = graph
        self.device = device
        self.precision = precision
        cudaParameters = parameters
    }

    var parameters: any ParameterStorage { cudaParameters }

    func plan(batchSize: Int, mode: PlanMode) throws -> any Plan {
        let analyzed = try AnalyzedGraph(graph, batchSize: batchSize, mode: mode)
        try analyzed.requireMemoryForOutputs(elementSize: precision.elementSize, device.requireMemory)
        return try device.exclusively {
            try CUDAPlan(analyzed, parameters: cudaParameters, device: device, precision: precision)
        }
    }
}
