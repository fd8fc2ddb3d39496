import Tensors

extension Tensor {
    /// Every image of `[samples, height, width, channels]`, left and right exchanged.
    public func mirrored() -> Tensor {
        let (width, channels) = (shape[2], shape[3])
        var result = self
        for row in stride(from: 0, to: count, by: max(width * channels, 1)) {
            for column in 0..<width {
                let (from, to) = (row + column * channels, row + (width - 1 - column) * channels)
                for c in 0..<channels { result.scalars[to + c] = scalars[from + c] }
            }
        }
        return result
    }
}
