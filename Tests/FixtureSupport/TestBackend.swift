import ComputeGraph
import NeuralNetwork
import OneDNNBackend
import OpenBLASBackend
import System

/// The backends that tests run on.
public enum TestBackend: CaseIterable, Sendable {
    case onednn, openblas

    /// For tests of what is the same on all backends.
    public static let any = TestBackend.onednn

    public var backend: any Backend { backend(threads: 2) }

    public func backend(threads: Int) -> any Backend {
        switch self {
        case .onednn: OneDNNBackend(threads: threads)
        case .openblas: OpenBLASBackend(threads: threads)
        }
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
