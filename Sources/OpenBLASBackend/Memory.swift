import ComputeGraph
import Tensors

typealias Floats = UnsafeMutablePointer<Float>

/// Owned floats: zero at first, freed with the buffer, the first on a cache line of its own.
final class Buffer {
    let floats: Floats
    let count: Int

    /// - Throws: `BackendError` where there is not so much memory.
    init(count: Int) throws {
        try BackendError.requireMemory(count, of: MemoryLayout<Float>.stride, for: "a plan's values")
        self.count = count
        floats = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
            .bindMemory(to: Float.self, capacity: max(count, 1))
        floats.initialize(repeating: 0, count: max(count, 1))
    }

    deinit { floats.deallocate() }
}

/// Memory for what a layer forgets as soon as it is done: the layers of a plan take turns with it.
final class Scratch {
    private var buffer: Buffer

    init() throws { buffer = try Buffer(count: 0) }

    /// Says, while a plan is made, how much a layer will want: for each of its slices, `count` floats.
    ///
    /// - Throws: `BackendError` where there is not so much memory.
    func reserve(_ count: Int, slices: Int) throws {
        let (total, overflow) = count.multipliedReportingOverflow(by: slices)
        if overflow || total > buffer.count { buffer = try Buffer(count: overflow ? .max : total) }
    }

    var floats: Floats { buffer.floats }
}

/// The output of a node for a whole batch and, where backward passes by, the gradient of the loss with respect to it.
final class Signal {
    /// With the batch as first axis.
    let shape: Shape
    let values: Floats
    /// `nil` where no trainable parameter, and no input whose gradient is asked for, lies behind this node.
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
    /// The last axis.
    var channels: Int { shape[shape.rank - 1] }
    /// How many vectors of `channels` elements there are.
    var rows: Int { channels == 0 ? 0 : count / channels }
    /// Height and width of images.
    var size: Size2D { Size2D(shape[1], shape[2]) }
    /// Number of elements of one sample.
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
