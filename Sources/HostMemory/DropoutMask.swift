import CKernels
import ComputeGraph
import Tensors

/// The random numbers of one step's dropout.
public struct DropoutNumbers {
    private let stream: RandomStream
    /// The place of the first sample in the batch that all processes compute together.
    private let firstSample: Int

    public init(_ stream: RandomStream, of shared: (any SharedStep)?) {
        self.stream = stream
        firstSample = shared?.firstSample ?? 0
    }

    /// The dropout mask of a node's output, the same for all backends: element i, in row-major order over the whole
    /// batch, is kept if its random number is at least `rate`, and scaled by `1 / (1 - rate)`. The mask is a function of
    /// the step, so the backward pass computes it again.
    ///
    /// - Parameters:
    ///   - node: every node has its own random numbers.
    ///   - shape: of the node's output, the batch as first axis.
    public func mask(of node: NodeID, _ shape: Shape, rate: Float) -> DropoutMask {
        let first = firstSample * shape.sample.count
        return DropoutMask(
            stream: stream, firstBlock: node.index << 34, elements: first..<first + shape.count, rate: rate)
    }
}

/// See ``DropoutNumbers/mask(of:_:rate:)``.
public struct DropoutMask {
    public let stream: RandomStream
    public let firstBlock: Int
    /// In the whole batch.
    public let elements: Range<Int>
    public let rate: Float

    fileprivate init(stream: RandomStream, firstBlock: Int, elements: Range<Int>, rate: Float) {
        (self.stream, self.firstBlock, self.elements, self.rate) = (stream, firstBlock, elements, rate)
    }

    /// The blocks of four elements that have one random number each. At both ends a block may have elements of others.
    public var blockCount: Int { (elements.upperBound + 3) / 4 - elements.lowerBound / 4 }

    /// - Parameters:
    ///   - blocks: the blocks to visit, counted from 0.
    ///   - body: receives each element, counted from this process's first, and its factor, which is zero or the scale.
    @inlinable
    public func forEachFactor(blocks: Range<Int>, _ body: (_ element: Int, _ factor: Float) -> Void) {
        let first = elements.lowerBound / 4
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 4 * Self.blocksAtOnce) { memory in
            guard let factors = memory.baseAddress else { return }
            for start in stride(from: blocks.lowerBound, to: blocks.upperBound, by: Self.blocksAtOnce) {
                let count = min(Self.blocksAtOnce, blocks.upperBound - start)
                write(into: factors, first: first + start, count: count)
                let place = 4 * (first + start)
                for element in max(place, elements.lowerBound)..<min(place + 4 * count, elements.upperBound) {
                    body(element - elements.lowerBound, factors[element - place])
                }
            }
        }
    }

    /// So few that their factors stay in the processor's first cache.
    @usableFromInline static let blocksAtOnce = 256

    /// Writes the factors of whole blocks, four each.
    @usableFromInline
    func write(into factors: UnsafeMutablePointer<Float>, first: Int, count: Int) {
        let (key, epoch, index, purpose) = stream.address
        dropout_factors(
            random_stream(key: (key.x, key.y), index: index, epoch: epoch, purpose: purpose),
            UInt64(firstBlock + first), count, rate, factors)
    }
}
