import ArgumentParser
import ComputeGraph
import Foundation
import OneDNNBackend
import OpenBLASBackend

/// What computes, and with how many threads: the same flags in every command.
public struct ComputeOptions: ParsableArguments {
    public enum Library: String, CaseIterable, ExpressibleByArgument, Sendable {
        case onednn, openblas
    }

    @Option(name: .customLong("backend"), help: "Compute backend: onednn (fast) or openblas (slower, simpler code).")
    public var library = Library.onednn

    @Option(help: "Processor threads that compute.")
    public var threads = ProcessInfo.processInfo.activeProcessorCount

    public init() {}

    public func validate() throws {
        guard (1...1024).contains(threads) else { throw ValidationError("--threads must be from 1 to 1024") }
    }

    public var backend: any Backend {
        switch library {
        case .onednn: OneDNNBackend(threads: threads)
        case .openblas: OpenBLASBackend(threads: threads)
        }
    }
}
