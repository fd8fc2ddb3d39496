import CDNNL
import ComputeGraph
import Foundation

/// oneDNN's engine for the processor, and the stream that runs primitives one after the other.
final class Engine {
    let handle: dnnl_engine_t
    let stream: dnnl_stream_t
    let threads: Int

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

    /// Sets the number of threads for the calling thread, where OpenMP keeps it. Needed before plans are compiled, when
    /// primitives divide their work, and before they run.
    func useThreads() { OpenMP.shared?.setNumberOfThreads(Int32(threads)) }

    /// Runs `body` on every thread of oneDNN's team, which is already awake, with the thread's number and the number of
    /// threads.
    func parallel(_ body: (_ thread: Int, _ threads: Int) -> Void) {
        guard let openMP = OpenMP.shared, threads > 1 else { return body(0, 1) }
        withoutActuallyEscaping(body) { body in
            let team = Team(body: body, openMP: openMP)
            openMP.parallel(
                { team in
                    guard let team else { return }
                    let here = Unmanaged<Team>.fromOpaque(team).takeUnretainedValue()
                    here.body(Int(here.openMP.threadNumber()), Int(here.openMP.numberOfThreads()))
                }, Unmanaged.passUnretained(team).toOpaque(), UInt32(threads), 0)
        }
    }

    /// Runs `body` with a part of `count` units on every thread. Up to `grain` units are not worth a second one.
    func forEachPart(of count: Int, grain: Int, _ body: (_ part: Range<Int>) -> Void) {
        guard count > grain else { return body(0..<count) }
        parallel { thread, threads in body(count * thread / threads..<count * (thread + 1) / threads) }
    }

    private final class Team {
        let body: (Int, Int) -> Void
        let openMP: OpenMP

        init(body: @escaping (Int, Int) -> Void, openMP: OpenMP) {
            self.body = body
            self.openMP = openMP
        }
    }
}

/// The OpenMP that oneDNN uses. oneDNN's build decides which implementation that is, so it is looked up, not linked.
/// GNU's and LLVM's both have these functions. A oneDNN built without OpenMP has its own threads.
private struct OpenMP: Sendable {
    let setNumberOfThreads: @convention(c) @Sendable (Int32) -> Void
    let threadNumber: @convention(c) @Sendable () -> Int32
    let numberOfThreads: @convention(c) @Sendable () -> Int32
    let parallel:
        @convention(c) @Sendable (
            @convention(c) (UnsafeMutableRawPointer?) -> Void, UnsafeMutableRawPointer?, UInt32, UInt32
        ) -> Void

    static let shared = OpenMP()

    private init?() {
        let program = dlopen(nil, RTLD_NOW)
        guard let setNumberOfThreads = dlsym(program, "omp_set_num_threads"),
            let threadNumber = dlsym(program, "omp_get_thread_num"),
            let numberOfThreads = dlsym(program, "omp_get_num_threads"),
            let parallel = dlsym(program, "GOMP_parallel")
        else { return nil }
        self.setNumberOfThreads = unsafeBitCast(
            setNumberOfThreads, to: (@convention(c) @Sendable (Int32) -> Void).self)
        self.threadNumber = unsafeBitCast(threadNumber, to: (@convention(c) @Sendable () -> Int32).self)
        self.numberOfThreads = unsafeBitCast(numberOfThreads, to: (@convention(c) @Sendable () -> Int32).self)
        self.parallel = unsafeBitCast(
            parallel,
            to: (@convention(c) @Sendable (
                @convention(c) (UnsafeMutableRawPointer?) -> Void, UnsafeMutableRawPointer?, UInt32, UInt32
            ) -> Void).self)
    }
}

/// - Throws: `BackendError` if oneDNN reports anything but success.
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
