import ComputeGraph

/// Memory for temporary results, which the operations of a plan use in turn.
final class Scratch {
    private let device: Device
    private var bytes = 0
    private var buffer: DeviceBuffer?

    init(_ device: Device) { self.device = device }

    /// Makes room for an operation that needs so many bytes. Called while a plan is made.
    func reserve(bytes: Int) { self.bytes = max(self.bytes, bytes) }

    /// Allocates the memory, after all operations have said what they need.
    func allocate() throws { buffer = try DeviceBuffer(device, bytes: bytes) }

    /// Valid once the memory is allocated.
    var address: DeviceAddress { buffer?.address ?? .null }
}
