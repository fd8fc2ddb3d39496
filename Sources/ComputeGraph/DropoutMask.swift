import Tensors

extension RandomStream {
    /// Dropout, for all backends alike: element i, in row-major order over the batch, is kept where its number is at
    /// least `rate`, and scaled by `1 / (1 - rate)`. The mask is a function of the step; backward draws it again.
    ///
    /// - Parameter node: the position in the graph; every node has numbers of its own.
    public func dropout(
        from source: UnsafePointer<Float>, to destination: UnsafeMutablePointer<Float>, count: Int, rate: Float,
        node: Int
    ) {
        let scale = 1 / (1 - rate)
        let firstBlock = node << 34
        for block in 0..<(count + 3) / 4 {
            let words = words(block: firstBlock + block)
            for i in 4 * block..<min(4 * block + 4, count) {
                let uniform = Float(words[i & 3] >> 8) * 0x1p-24
                destination[i] = uniform >= rate ? source[i] * scale : 0
            }
        }
    }
}
