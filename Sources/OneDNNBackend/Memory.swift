import CDNNL
import ComputeGraph
import Foundation
import System

/// Bytes that a plan needs from one of its steps to another. Buffers whose times do not overlap share memory (see
/// ``Arena``). A buffer that outlives a run, or belongs to the parameters, has its address from the start.
final class Buffer {
    let size: Int
    private(set) var firstStep = Int.max
    private(set) var lastStep = -1
    /// The address; `nil` until the arena is laid out.
    var address: UnsafeMutableRawPointer?
    private let isOwned: Bool

    /// A place in the arena.
    init(size: Int) {
        self.size = size
        isOwned = false
    }

    /// Memory with another owner.
    init(at address: UnsafeMutableRawPointer, size: Int) {
        self.size = size
        self.address = address
        isOwned = false
    }

    /// Owned memory, which keeps its contents between runs.
    ///
    /// - Throws: `BackendError` if there is not enough memory.
    init(keeping size: Int) throws {
        try BackendError.requireMemory(size, for: "a plan's packed weights")
        self.size = size
        let address = UnsafeMutableRawPointer.allocate(byteCount: max(size, 64), alignment: 64)
        address.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        self.address = address
        isOwned = true
    }

    deinit { if isOwned { address?.deallocate() } }

    func isUsed(at step: Int) {
        firstStep = min(firstStep, step)
        lastStep = max(lastStep, step)
    }

    func overlaps(_ other: Buffer) -> Bool { firstStep <= other.lastStep && other.firstStep <= lastStep }
}

/// A buffer with a layout.
final class Memory {
    let layout: Layout
    let buffer: Buffer
    let handle: dnnl_memory_t

    init(_ layout: Layout, _ buffer: Buffer, _ engine: Engine) throws {
        self.layout = layout
        self.buffer = buffer
        var memory: dnnl_memory_t?
        try check(dnnl_memory_create(&memory, layout.descriptor, engine.handle, nil), "describing memory")
        guard let memory else { throw BackendError("oneDNN gave no memory") }
        handle = memory
    }

    deinit { dnnl_memory_destroy(handle) }

    /// Passes the buffer's address to oneDNN, once it is known.
    func bind() throws {
        try check(dnnl_memory_set_data_handle(handle, buffer.address), "placing memory")
    }

    /// The elements. Only for steps of a plan that has been built.
    var floats: UnsafeMutablePointer<Float> {
        guard let address = buffer.address else { stop("memory is read before the plan is built") }
        return address.assumingMemoryBound(to: Float.self)
    }
}

/// A block of memory for all buffers of a plan.
final class Arena {
    let size: Int
    private let base: UnsafeMutableRawPointer

    /// Places every buffer, the largest first, each at the lowest address that is free of buffers needed at the same
    /// time.
    ///
    /// - Throws: `BackendError` if there is not enough memory.
    init(_ buffers: [Buffer]) throws {
        let alignment = 64
        var placed: [(buffer: Buffer, start: Int, end: Int)] = []
        for buffer in buffers.sorted(by: { $0.size > $1.size }) {
            var start = 0
            for other in placed where other.buffer.overlaps(buffer) {
                if start + buffer.size <= other.start { break }
                start = max(start, other.end)
            }
            let end = (start + buffer.size + alignment - 1) / alignment * alignment
            let position = placed.firstIndex { $0.start > start } ?? placed.count
            placed.insert((buffer, start, end), at: position)
        }
        size = placed.reduce(0) { max($0, $1.end) }
        try BackendError.requireMemory(size, for: "a plan's values")
        base = UnsafeMutableRawPointer.allocate(byteCount: max(size, alignment), alignment: 1 << 21)
        #if os(Linux)
            madvise(base, max(size, alignment), MADV_HUGEPAGE)
        #endif
        for (buffer, start, _) in placed { buffer.address = base + start }
    }

    deinit { base.deallocate() }
}
