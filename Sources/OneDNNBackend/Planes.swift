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
        let descriptor = layout.descriptor
        let blocking = descriptor.format_desc.blocking
        guard descriptor.ndims == 4, descriptor.format_kind == dnnl_blocked, blocking.inner_nblks == 1,
            blocking.inner_idxs.0 == 1
        else { return nil }
        block = Int(blocking.inner_blks.0)
        samples = Int(descriptor.dims.0)
        channels = Int(descriptor.dims.1)
        pixels = Int(descriptor.dims.2 * descriptor.dims.3)
        offset = Int(descriptor.offset0)
        sampleStride = Int(blocking.strides.0)
        blockStride = Int(blocking.strides.1)
        guard block == 16 || block == 8, channels % block == 0, Int(blocking.strides.3) == block,
            blocking.strides.2 == blocking.strides.3 * descriptor.dims.3
        else { return nil }
    }

    /// Where the plane begins.
    func start(sample: Int, block: Int) -> Int { offset + sample * sampleStride + block * blockStride }
}
