import ArgumentParser
import ComputeGraph
import Foundation
import OneDNNBackend
import OpenBLASBackend

/// The compute backend and its threads: the same flags in every command.
public struct ComputeOptions: ParsableArguments {
    public enum Library: String, CaseIterable, ExpressibleByArgument, Sendable {
        case onednn, openblas
    }

    @Option(name: .customLong("backend"), help: "Compute backend: onednn (fast) or openblas (slower, simpler code).")
    public var library = Library.onednn

    @Option(help: "Processor threads that compute.", allowing: .threads)
    public var threads = ProcessInfo.processInfo.activeProcessorCount

    public init() {}

    public var backend: any Backend {
        switch library {
        case .onednn: OneDNNBackend(threads: threads)
        case .openblas: OpenBLASBackend(threads: threads)
        }
    }
}
