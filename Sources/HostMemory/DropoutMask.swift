import Tensors

extension RandomStream {
    /// Dropout, for all backends alike: element i, in row-major order over the batch, is kept where its number is at
    /// least `rate`, and scaled by `1 / (1 - rate)`. The mask is a function of the step; backward draws it again.
    ///
    /// - Parameters:
    ///   - blocks: elements come in fours, the last of `count` perhaps in less; which of these.
    ///   - node: the position in the graph; every node has numbers of its own.
    ///   - body: is given each element and its factor, zero or the scale.
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

    /// How many blocks `count` elements come in.
    public static func dropoutBlocks(of count: Int) -> Int { (count + 3) / 4 }
}
