import ArgumentParser
import CUDABackend
import ComputeGraph
import Foundation
import MPICommunicator
import OneDNNBackend
import OpenBLASBackend

/// The compute backend, its threads and its numbers: the same flags in every command.
public struct ComputeOptions: ParsableArguments {
    public enum Library: String, CaseIterable, ExpressibleByArgument, Sendable {
        case onednn, openblas, cuda
    }

    @Option(
        name: .customLong("backend"),
        help: "Compute backend: onednn (fast), openblas (slower, simpler code) or cuda (an NVIDIA GPU).")
    public var library = Library.onednn

    @Option(
        name: .customLong("threads"),
        help: """
            Processor threads that compute (default: one for each processor; of several processes on a machine, an equal \
            share).
            """,
        allowing: .threads)
    public var chosenThreads: Int?

    @Option(help: "Numbers that a GPU computes with: float32, tf32 or bfloat16. (default: float32)")
    public var precision: Precision?

    public init() {}

    public func validate() throws {
        if precision != nil, library != .cuda {
            throw ValidationError("--precision is for --backend cuda; other backends compute in 32-bit floats")
        }
    }

    /// Processor threads that compute.
    public var threads: Int {
        if let processes = MPICommunicator.current { return processes.threads[processes.rank] }
        return chosenThreads ?? ProcessInfo.processInfo.activeProcessorCount
    }

    /// - Throws: `BackendError` if there is no GPU for the CUDA backend.
    public var backend: any Backend {
        get throws {
            switch library {
            case .onednn: OneDNNBackend(threads: threads)
            case .openblas: OpenBLASBackend(threads: threads)
            case .cuda: try gpu
            }
        }
    }

    private var gpu: CUDABackend {
        get throws {
            do {
                return try CUDABackend(precision: precision ?? .float32)
            } catch let error as BackendError {
                throw BackendError("\(error); --backend onednn computes on the processor")
            }
        }
    }
}

extension Precision: ExpressibleByArgument {}
