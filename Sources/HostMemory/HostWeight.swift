import ComputeGraph
import System
import Tensors

/// A weight in host memory, in Keras's layout.
public final class HostWeight: Weight {
    public let shape: Shape
    public let floats: UnsafeMutablePointer<Float>
    /// Changes whenever the values may have changed, so that plans renew their packed copies.
    public fileprivate(set) var version = 0

    init(shape: Shape) {
        self.shape = shape
        floats = .cacheLines(count: shape.count, value: 0)
    }

    deinit { floats.deallocate() }

    public func read() -> Tensor {
        Tensor(shape: shape, scalars: Array(UnsafeBufferPointer(start: floats, count: shape.count)))
    }

    func write(_ value: Tensor, name: String) {
        guard value.shape == shape else { stop("\(name) is \(shape), but is given \(value.shape)") }
        floats.update(from: value.scalars, count: value.count)
        didChange()
    }

    /// Call it after writing through ``floats``.
    public func didChange() { version &+= 1 }
}

extension UnsafeMutablePointer<Float> {
    /// Memory that begins at a cache line, filled with `value`.
    static func cacheLines(count: Int, value: Float) -> UnsafeMutablePointer<Float> {
        let block = UnsafeMutableRawPointer.allocate(byteCount: max(count, 16) * 4, alignment: 64)
            .bindMemory(to: Float.self, capacity: max(count, 16))
        block.initialize(repeating: value, count: max(count, 16))
        return block
    }
}
