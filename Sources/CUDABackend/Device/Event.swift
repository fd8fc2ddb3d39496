import CCUDA

/// A point in the work of a stream. Another stream waits for it without the host.
final class Event {
    private let device: Device
    private let event: CUevent

    init(_ device: Device) throws {
        self.device = device
        let driver = device.libraries.driver
        event = try device.exclusively {
            try device.libraries.make("cuEventCreate") { driver.cuEventCreate(&$0, UInt32(CU_EVENT_DISABLE_TIMING)) }
        }
    }

    deinit { try? device.exclusively { _ = device.libraries.driver.cuEventDestroy_v2(event) } }

    /// Marks the end of what the stream has been given so far.
    func record(on stream: CUstream) throws {
        try device.check(device.libraries.driver.cuEventRecord(event, stream), "cuEventRecord")
    }

    /// Lets what the stream is given from now on wait for the marked point; for nothing if none was ever marked.
    func delay(_ stream: CUstream) throws {
        try device.check(device.libraries.driver.cuStreamWaitEvent(stream, event, 0), "cuStreamWaitEvent")
    }

    /// Lets the host wait for the marked point.
    func wait() throws {
        try device.check(device.libraries.driver.cuEventSynchronize(event), "cuEventSynchronize")
    }
}
