import CCUDA
import ComputeGraph
import Foundation

/// Work for the GPU that is recorded once and then repeated with a single call: a CUDA graph.
///
/// The host needs a few microseconds for every kernel that it starts, which is longer than many kernels run.
final class RecordedWork {
    private let device: Device
    private let executable: CUgraphExec

    /// Records what `body` enqueues on the device's stream. Nothing of it is carried out yet.
    init(_ device: Device, _ body: () throws -> Void) throws {
        self.device = device
        let driver = device.libraries.driver
        try device.check(
            driver.cuStreamBeginCapture_v2(device.stream, CUstreamCaptureMode(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL)),
            "cuStreamBeginCapture")
        var graph: CUgraph?
        do {
            try body()
        } catch {
            // Nobody could use a stream that keeps recording.
            _ = driver.cuStreamEndCapture(device.stream, &graph)
            if let graph { _ = driver.cuGraphDestroy(graph) }
            throw error
        }
        try device.check(driver.cuStreamEndCapture(device.stream, &graph), "cuStreamEndCapture")
        guard let graph else { throw BackendError("cuStreamEndCapture made nothing") }
        defer { _ = driver.cuGraphDestroy(graph) }
        executable = try device.libraries.make("cuGraphInstantiate") {
            driver.cuGraphInstantiateWithFlags(&$0, graph, 0)
        }
    }

    deinit { try? device.exclusively { _ = device.libraries.driver.cuGraphExecDestroy(executable) } }

    /// Enqueues the whole work.
    func run() throws {
        try device.check(device.libraries.driver.cuGraphLaunch(executable, device.stream), "cuGraphLaunch")
    }
}

extension Device {
    /// Records work, if that is wanted and can be done. Otherwise a step enqueues its parts one by one, with the same
    /// result, only later.
    ///
    /// The environment variable `CUDA_GRAPHS` is `off` if nothing is to be recorded, and `required` if a failure is to be
    /// an error.
    func record(_ body: () throws -> Void) throws -> RecordedWork? {
        let graphs = ProcessInfo.processInfo.environment["CUDA_GRAPHS"]
        guard graphs != "off" else { return nil }
        do { return try RecordedWork(self, body) } catch {
            if graphs == "required" { throw error }
            warnOnce("steps are enqueued part by part, which is slower, because they cannot be recorded: \(error)")
            return nil
        }
    }
}
