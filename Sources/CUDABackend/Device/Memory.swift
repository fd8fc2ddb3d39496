import CCUDA
import ComputeGraph
import System

/// A place in the GPU's memory, which the host cannot read.
struct DeviceAddress: Hashable {
    let raw: CUdeviceptr

    /// For a kernel's argument that may be missing.
    static let null = DeviceAddress(raw: 0)

    func advanced(bytes: Int) -> DeviceAddress { DeviceAddress(raw: raw + CUdeviceptr(bytes)) }

    /// As the libraries take it.
    var pointer: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: UInt(raw)) }
}

/// A block of the GPU's memory.
final class DeviceBuffer {
    let address: DeviceAddress
    let bytes: Int
    private let device: Device

    /// Memory with any content.
    ///
    /// - Throws: ``BackendError`` if there is not enough.
    init(_ device: Device, bytes: Int) throws {
        self.device = device
        // Nothing has no address, and memory is cleared by words.
        self.bytes = (max(bytes, 1) + 255) / 256 * 256
        var address: CUdeviceptr = 0
        let (driver, size) = (device.libraries.driver, self.bytes)
        try device.exclusively {
            let result = driver.cuMemAlloc_v2(&address, size)
            guard result != CUDA_ERROR_OUT_OF_MEMORY.result else {
                let memory = try device.memory()
                throw BackendError(
                    "the GPU's memory of \(FreeMemory.description(of: memory.total)) is too small: "
                        + "\(FreeMemory.description(of: size)) more are needed, and "
                        + "\(FreeMemory.description(of: memory.free)) are free; a smaller batch needs less")
            }
            try device.check(result, "cuMemAlloc")
        }
        self.address = DeviceAddress(raw: address)
    }

    deinit {
        // The caller has no use for the memory any more, so an error does not concern it.
        try? device.exclusively { _ = device.libraries.driver.cuMemFree_v2(address.raw) }
    }
}

/// A block of the host's memory that the GPU copies from and to while the host does something else.
final class PinnedBuffer {
    let pointer: UnsafeMutableRawPointer
    let bytes: Int
    private let device: Device

    init(_ device: Device, bytes: Int) throws {
        self.device = device
        self.bytes = max(bytes, 64)
        let (driver, size) = (device.libraries.driver, self.bytes)
        pointer = try device.exclusively {
            var pointer: UnsafeMutableRawPointer?
            let result = driver.cuMemHostAlloc(&pointer, size, 0)
            if result != CUDA_ERROR_OUT_OF_MEMORY.result { try device.check(result, "cuMemHostAlloc") }
            guard let pointer else {
                throw BackendError(
                    "\(FreeMemory.description(of: size)) of the host's memory for copies to and from the GPU are not free"
                )
            }
            return pointer
        }
    }

    deinit { try? device.exclusively { _ = device.libraries.driver.cuMemFreeHost(pointer) } }

    func floats(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: pointer.assumingMemoryBound(to: Float.self), count: count)
    }
}

extension Device {
    // The stream carries these out later, in order.

    /// - Parameter other: a stream in place of the device's.
    func upload(_ from: PinnedBuffer, to address: DeviceAddress, bytes: Int, on other: CUstream? = nil) throws {
        try check(
            libraries.driver.cuMemcpyHtoDAsync_v2(address.raw, from.pointer, bytes, other ?? stream),
            "a copy to the GPU")
    }

    func download(_ address: DeviceAddress, to: PinnedBuffer, bytes: Int) throws {
        try check(
            libraries.driver.cuMemcpyDtoHAsync_v2(to.pointer, address.raw, bytes, stream), "a copy from the GPU")
    }

    func clear(_ address: DeviceAddress, bytes: Int) throws {
        try check(libraries.driver.cuMemsetD32Async(address.raw, 0, (bytes + 3) / 4, stream), "cuMemsetD32")
    }

    // These wait until they are done.

    /// The floats at an address.
    func read(_ address: DeviceAddress, count: Int) throws -> [Float] {
        try exclusively {
            let staging = try PinnedBuffer(self, bytes: count * 4)
            try download(address, to: staging, bytes: count * 4)
            try synchronize()
            return Array(staging.floats(count))
        }
    }

    /// Writes `values` to an address.
    func write(_ values: [Float], to address: DeviceAddress) throws {
        try values.withUnsafeBytes { try write($0, to: address) }
    }

    func write(_ values: UnsafeRawBufferPointer, to address: DeviceAddress) throws {
        guard !values.isEmpty else { return }
        try exclusively {
            let staging = try PinnedBuffer(self, bytes: values.count)
            staging.pointer.copyMemory(
                from: values.baseAddress ?? UnsafeRawPointer(staging.pointer), byteCount: values.count)
            try upload(staging, to: address, bytes: values.count)
            try synchronize()
        }
    }

    /// A table that kernels read, in memory of its own.
    func table<Element>(_ elements: [Element]) throws -> DeviceBuffer {
        try elements.withUnsafeBytes { bytes in
            let buffer = try DeviceBuffer(self, bytes: bytes.count)
            try write(bytes, to: buffer.address)
            return buffer
        }
    }
}
