import CDNNL
import ComputeGraph
import Foundation

/// oneDNN's handle on the processor, and the stream that primitives run on, one after the other.
final class Engine {
    let handle: dnnl_engine_t
    let stream: dnnl_stream_t
    private let threads: Int

    init(threads: Int) throws {
        self.threads = threads
        var engine: dnnl_engine_t?
        try check(dnnl_engine_create(&engine, dnnl_cpu, 0), "creating the engine")
        var stream: dnnl_stream_t?
        try check(
            dnnl_stream_create(&stream, engine, UInt32(dnnl_stream_default_flags.rawValue)), "creating the stream")
        guard let engine, let stream else { throw BackendError("oneDNN gave no engine") }
        handle = engine
        self.stream = stream
    }

    deinit {
        dnnl_stream_destroy(stream)
        dnnl_engine_destroy(handle)
    }

    /// Debian's oneDNN computes with OpenMP, whose number of threads belongs to the calling thread: it is set before
    /// plans are compiled (primitives divide their work then) and before they run.
    func useThreads() { Self.setNumberOfThreads?(Int32(threads)) }

    /// OpenMP comes with oneDNN; which of its implementations is oneDNN's choice, so it is looked up, not linked.
    private static let setNumberOfThreads: (@convention(c) (Int32) -> Void)? = {
        guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "omp_set_num_threads") else { return nil }
        return unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Void).self)
    }()
}

/// - Throws: `BackendError` where oneDNN reports anything but success.
func check(_ status: dnnl_status_t, _ what: @autoclosure () -> String) throws {
    guard status != dnnl_success else { return }
    let reason =
        switch status {
        case dnnl_out_of_memory: "out of memory"
        case dnnl_invalid_arguments: "invalid arguments"
        case dnnl_unimplemented: "not implemented by this version of oneDNN"
        default: "status \(status.rawValue)"
        }
    throw BackendError("oneDNN failed in \(what()): \(reason)")
}
