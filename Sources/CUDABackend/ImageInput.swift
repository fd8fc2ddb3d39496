import CCUDA
import CGPUKernels
import ComputeGraph
import Tensors

/// The input of a plan that is given images as bytes: it brings them to the GPU ahead of time, and makes the input's
/// elements of them there.
///
/// Bytes travel on a stream of their own while the plan computes. There are two places for a batch, so that one travels
/// while the other is read.
final class ImageInput {
    private let device: Device
    private let module: KernelModule
    private let output: Signal
    // Made when they are needed first: most plans are never given images.
    private var places: [Place] = []
    private var statistics: Statistics?

    /// - Parameter output: the input's values, `[batch, height, width, channels]`.
    init(_ output: Signal, device: Device, module: KernelModule) {
        self.output = output
        self.device = device
        self.module = module
    }

    /// Begins to bring images to the GPU. The bytes are copied before this returns.
    func stage(_ images: StoredImages) throws {
        guard place(of: images) == nil else { return }
        if places.isEmpty {
            places = [try Place(device, output.shape), try Place(device, output.shape)]
        }
        // Images that a step may still ask for are kept, if there is another place. The place that is taken goes to the
        // end.
        let free = places.firstIndex { !$0.isWaiting } ?? 0
        let place = places.remove(at: free)
        places.append(place)
        try place.bring(images)
    }

    /// Enqueues the computation of the input from images. If they are not on the way yet, they are brought now.
    func forward(_ images: StoredImages) throws {
        try stage(images)
        guard let place = place(of: images) else { return }
        if statistics?.conversion != images.conversion { statistics = try Statistics(images.conversion, device) }
        guard let statistics else { return }
        try place.read { changes, bytes in
            try module.launch(
                "augment", elements: output.count / output.channels, output.values, changes, bytes,
                statistics.offsets, statistics.offsetStep, statistics.divisors, statistics.divisorStep,
                Int32(output.batchSize), Int32(output.size.height), Int32(output.size.width), Int32(output.channels),
                images.outside.kind, images.outside.value, images.isInterpolated.flag)
        }
    }

    private func place(of images: StoredImages) -> Place? { places.first { $0.images === images } }
}

/// Room for a batch of images, on the host and on the GPU: first a change of each image, then their bytes.
private final class Place {
    /// Weak, because images keep the whole data set that their floats are made of.
    private(set) weak var images: StoredImages?
    private var isRead = false
    private let device: Device
    private let staging: PinnedBuffer
    private let buffer: DeviceBuffer
    /// The size of the changes, and of all.
    private let changeBytes: Int, bytes: Int
    private let arrival: Event, reading: Event

    init(_ device: Device, _ shape: Shape) throws {
        self.device = device
        changeBytes = shape[0] * MemoryLayout<GPUImageChange>.stride
        bytes = changeBytes + shape.count
        staging = try PinnedBuffer(device, bytes: bytes)
        buffer = try DeviceBuffer(device, bytes: bytes)
        arrival = try Event(device)
        reading = try Event(device)
    }

    // A copy may still be under way that no step has waited for.
    deinit { try? device.exclusively { try arrival.wait() } }

    /// Whether a step may still ask for the images.
    var isWaiting: Bool { images != nil && !isRead }

    func bring(_ images: StoredImages) throws {
        self.images = nil
        // The last copy from the staging memory may not have been made yet.
        try arrival.wait()
        let changes = staging.pointer.bindMemory(to: GPUImageChange.self, capacity: images.changes.count)
        for (i, change) in images.changes.enumerated() { changes[i] = GPUImageChange(change) }
        images.bytes.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(start: staging.pointer + changeBytes, count: $0.count).copyMemory(from: $0)
        }
        // The kernel may still read the images before.
        try reading.delay(device.copies)
        try device.upload(staging, to: buffer.address, bytes: bytes, on: device.copies)
        try arrival.record(on: device.copies)
        self.images = images
        isRead = false
    }

    /// Calls `kernel` with the addresses of the changes and of the bytes.
    func read(_ kernel: (DeviceAddress, DeviceAddress) throws -> Void) throws {
        try arrival.delay(device.stream)
        try kernel(buffer.address, buffer.address.advanced(bytes: changeBytes))
        try reading.record(on: device.stream)
        isRead = true
    }
}

/// What becomes of a byte, in the GPU's memory.
private struct Statistics {
    let conversion: StoredImages.Conversion
    private let table: DeviceBuffer

    init(_ conversion: StoredImages.Conversion, _ device: Device) throws {
        self.conversion = conversion
        table = try device.table(conversion.offsets + conversion.divisors)
    }

    var offsets: DeviceAddress { table.address }
    var divisors: DeviceAddress { table.address.advanced(bytes: conversion.offsets.count * 4) }
    /// The distance between the numbers of two values of an image.
    var offsetStep: Int32 { conversion.offsets.count > 1 ? 1 : 0 }
    var divisorStep: Int32 { conversion.divisors.count > 1 ? 1 : 0 }
}

extension GPUImageChange {
    fileprivate init(_ change: StoredImages.Change) {
        self.init(
            row: (change.row.x, change.row.y, change.row.z),
            column: (change.column.x, change.column.y, change.column.z), isWarped: change.isWarped.flag,
            isMirrored: change.isMirrored.flag, isUpsideDown: change.isUpsideDown.flag,
            erasedRows: (Int32(change.erasedRows.lowerBound), Int32(change.erasedRows.upperBound)),
            erasedColumns: (Int32(change.erasedColumns.lowerBound), Int32(change.erasedColumns.upperBound)))
    }
}

extension StoredImages.Outside {
    fileprivate var kind: Int32 {
        switch self {
        case .nearest: Int32(GPU_OUTSIDE_NEAREST)
        case .constant: Int32(GPU_OUTSIDE_CONSTANT)
        case .reflect: Int32(GPU_OUTSIDE_REFLECT)
        case .wrap: Int32(GPU_OUTSIDE_WRAP)
        }
    }

    /// The value outside, where it is always the same.
    fileprivate var value: Float {
        guard case .constant(let value) = self else { return 0 }
        return value
    }
}
