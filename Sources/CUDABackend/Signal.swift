import ComputeGraph
import Tensors

/// The output of a node for a whole batch and, if the backward pass needs it, the gradient of the loss with respect to
/// it: both in the GPU's memory, in NHWC.
final class Signal {
    /// The shape, with the batch as first axis.
    let shape: Shape
    private let memory: Memory

    /// What a node and its reshaped copy share.
    private final class Memory {
        let values: DeviceBuffer
        let gradient: DeviceBuffer?
        /// Whether the backward pass that is being enqueued has written the gradient.
        var isGradientWritten = false

        init(values: DeviceBuffer, gradient: DeviceBuffer?) {
            self.values = values
            self.gradient = gradient
        }
    }

    init(shape: Shape, elementSize: Int, needsGradient: Bool, device: Device) throws {
        self.shape = shape
        let bytes = shape.count * elementSize
        memory = Memory(
            values: try DeviceBuffer(device, bytes: bytes),
            gradient: needsGradient ? try DeviceBuffer(device, bytes: bytes) : nil)
    }

    private init(shape: Shape, memory: Memory) {
        self.shape = shape
        self.memory = memory
    }

    /// The same memory as another shape.
    func reshaped(_ shape: Shape) -> Signal { Signal(shape: shape, memory: memory) }

    var values: DeviceAddress { memory.values.address }
    /// `nil` if this node depends on no trainable parameter and on no input whose gradient is wanted.
    var gradient: DeviceAddress? { memory.gradient?.address }

    var count: Int { shape.count }
    var batchSize: Int { shape[0] }
    /// The size of the last axis.
    var channels: Int { shape[shape.rank - 1] }
    /// The number of vectors of `channels` elements.
    var rows: Int { count / channels }
    /// The height and width of images.
    var size: Size2D { Size2D(shape[1], shape[2]) }

    // MARK: - Gradients are sums over the consumers

    /// Forgets what the last backward pass has written.
    func beginBackward() { memory.isGradientWritten = false }

    /// Whether to add to the gradient: the first who asks overwrites it, everybody after that adds.
    func addsToGradient() -> Bool {
        defer { memory.isGradientWritten = true }
        return memory.isGradientWritten
    }
}

/// A parameter and, in training and if it is trainable, its gradient: 32-bit floats.
struct Weights {
    let values: DeviceAddress
    let gradient: DeviceAddress?
    let id: ParameterID
}
