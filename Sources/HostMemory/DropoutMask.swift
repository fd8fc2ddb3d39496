import Tensors

extension RandomStream {
    /// The dropout mask, the same for all backends: element i, in row-major order over the batch, is kept if its random
    /// number is at least `rate`, and scaled by `1 / (1 - rate)`. The mask is a function of the step, so the backward
    /// pass computes it again.
    ///
    /// - Parameters:
    ///   - count: the number of elements.
    ///   - blocks: the blocks of four elements to visit; the last block may have fewer.
    ///   - node: the position in the graph. Every node has its own random numbers.
    ///   - body: receives each element and its factor, which is zero or the scale.
    @inlinable
    public func forEachDropoutFactor(
        of count: Int, blocks: Range<Int>, rate: Float, node: Int, _ body: (_ element: Int, _ factor: Float) -> Void
    ) {
        let scale = 1 / (1 - rate)
        let firstBlock = node << 34
        for block in blocks {
            let words = words(block: firstBlock + block)
            for element in 4 * block..<min(4 * block + 4, count) {
                body(element, Float(words[element & 3] >> 8) * 0x1p-24 >= rate ? scale : 0)
            }
        }
    }

    /// The number of blocks of four for `count` elements.
    public static func dropoutBlocks(of count: Int) -> Int { (count + 3) / 4 }
}
