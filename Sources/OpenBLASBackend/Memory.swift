import ComputeGraph
import HostMemory
import Tensors

/// Owned memory for floats, which starts at a cache line and is zero at first.
final class Buffer {
    let floats: Floats
    let count: Int

    /// - Throws: `BackendError` if there is not enough memory.
    init(count: Int) throws {
        try BackendError.requireMemory(count, of: MemoryLayout<Float>.stride, for: "a plan's values")
        self.count = count
        floats = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
            .bindMemory(to: Float.self, capacity: max(count, 1))
        floats.initialize(repeating: 0, count: max(count, 1))
    }

    deinit { floats.deallocate() }
}

/// Memory for temporary results, which the layers of a plan use in turn.
final class Scratch {
    private var buffer: Buffer

    init() throws { buffer = try Buffer(count: 0) }

    /// Makes room for a layer that needs `count` floats for each of its slices. Called while a plan is made.
    ///
    /// - Throws: `BackendError` if there is not enough memory.
    func reserve(_ count: Int, slices: Int) throws {
        let (total, overflow) = count.multipliedReportingOverflow(by: slices)
        if overflow || total > buffer.count { buffer = try Buffer(count: overflow ? .max : total) }
    }

    var floats: Floats { buffer.floats }
}

/// The output of a node for a whole batch and, if the backward pass needs it, the gradient of the loss with respect to
/// it.
final class Signal {
    /// The shape, with the batch as first axis.
    let shape: Shape
    let values: Floats
    /// `nil` if this node depends on no trainable parameter and on no input whose gradient is wanted.
    let gradient: Floats?
    private let buffers: [Buffer]

    init(shape: Shape, needsGradient: Bool) throws {
        self.shape = shape
        buffers = try (0..<(needsGradient ? 2 : 1)).map { _ in try Buffer(count: shape.count) }
        values = buffers[0].floats
        gradient = needsGradient ? buffers[1].floats : nil
    }

    var count: Int { shape.count }
    var batchSize: Int { shape[0] }
    /// The size of the last axis.
    var channels: Int { shape[shape.rank - 1] }
    /// The number of vectors of `channels` elements.
    var rows: Int { channels == 0 ? 0 : count / channels }
    /// The height and width of images.
    var size: Size2D { Size2D(shape[1], shape[2]) }
    /// The number of elements of one sample.
    var sampleCount: Int { count / batchSize }
}

/// A parameter and, in training and if it is trainable, its gradient.
struct Weights {
    let values: Floats
    let gradient: Floats?
    let count: Int
}

/// `target += source`.
func add(_ source: Floats, to target: Floats, count: Int) {
    for i in 0..<count { target[i] += source[i] }
}
