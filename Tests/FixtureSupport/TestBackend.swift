import CUDABackend
import ComputeGraph
import Foundation
import NeuralNetwork
import OneDNNBackend
import OpenBLASBackend
import System

/// The backends that tests run on. The GPU is a double in the host's memory: see `Tests/CUDADouble`.
public enum TestBackend: CaseIterable, Sendable {
    case onednn, openblas, cuda

    /// For tests of what is the same on all backends.
    public static let any = TestBackend.onednn

    public var backend: any Backend { backend(threads: 2) }

    public func backend(threads: Int) -> any Backend {
        switch self {
        case .onednn: OneDNNBackend(threads: threads)
        case .openblas: OpenBLASBackend(threads: threads)
        case .cuda: Self.gpu(.float32)
        }
    }

    /// The double of a GPU.
    public static func gpu(_ precision: Precision) -> CUDABackend {
        _ = environment
        do {
            return try CUDABackend(precision: precision)
        } catch { stop("the double of a GPU: \(error)") }
    }

    /// Set once, because other threads read the environment at any time. Steps have to be recorded, and the user's cache
    /// gets no kernels of the double.
    private static let environment: Void = {
        setenv("CUDA_LIBRARIES", doubleFolder, 1)
        setenv("CUDA_GRAPHS", "required", 1)
        setenv("XDG_CACHE_HOME", "\(doubleFolder)/cache", 1)
    }()

    /// A folder in which the double has the names of NVIDIA's libraries, for `CUDA_LIBRARIES`.
    public static let doubleFolder: String = {
        let programs = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent().path
        let folder = "\(programs)/CUDADouble.libraries"
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in ["libcuda.so.1", "libnvrtc.so.13", "libcublas.so.13", "libcudnn.so.9"] {
            try? FileManager.default.createSymbolicLink(
                atPath: "\(folder)/\(name)", withDestinationPath: "../libCUDADouble.so")
        }
        return folder
    }()

    /// The bytes that `body` sends to the double of a GPU in this thread. What a recorded step sends is not counted.
    public static func uploadedBytes(_ body: () throws -> Void) throws -> Int {
        guard let library = dlopen("\(doubleFolder)/libcuda.so.1", RTLD_NOW | RTLD_LOCAL),
            let function = dlsym(library, "cuda_double_uploaded_bytes")
        else { throw BackendError("the double of a GPU does not count bytes") }
        let count = unsafeBitCast(function, to: (@convention(c) () -> UInt64).self)
        let before = count()
        try body()
        return Int(count() - before)
    }

    /// The next one, to move a model to.
    public var other: TestBackend { self == .onednn ? .openblas : .onednn }
}

extension Model {
    /// The model, computed on `backend` from now on.
    public func on(_ backend: TestBackend) throws -> Model {
        try move(to: backend.backend)
        return self
    }

    /// Opens a model file on a test's backend.
    public static func load(
        _ path: String, on backend: TestBackend = .any, warn: (String) -> Void = System.warn
    ) throws -> Model {
        try load(path, backend: backend.backend, warn: warn)
    }
}
