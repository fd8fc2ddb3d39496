import CDNNL

/// A batch of images whose channels lie in blocks: for every sample and every block of channels a plane, which holds
/// pixel after pixel the `block` channels side by side. oneDNN calls it nChw16c and nChw8c.
///
/// Planes may lie anywhere: those of one branch of a concatenation are spread over the whole.
struct Planes {
    /// Counts of floats from the start of the buffer.
    let offset, sampleStride, blockStride: Int
    let samples, channels, pixels: Int
    /// Channels side by side, 16 or 8.
    let block: Int
    var blocks: Int { channels / block }

    /// `nil` for any other layout, and where the last block is not full.
    init?(_ layout: Layout) {
        let dimensions = layout.dimensions
        var blocking = onednn_blocking()
        guard dimensions.count == 4, onednn_layout_blocking(layout.descriptor, &blocking), blocking.blocks == 1,
            blocking.dimensions[0] == 1
        else { return nil }
        block = Int(blocking.sizes[0])
        samples = dimensions[0]
        channels = dimensions[1]
        pixels = dimensions[2] * dimensions[3]
        offset = Int(blocking.offset)
        sampleStride = Int(blocking.strides[0])
        blockStride = Int(blocking.strides[1])
        guard block == 16 || block == 8, channels % block == 0, Int(blocking.strides[3]) == block,
            Int(blocking.strides[2]) == block * dimensions[3]
        else { return nil }
    }

    /// Where the plane begins.
    func start(sample: Int, block: Int) -> Int { offset + sample * sampleStride + block * blockStride }
}
