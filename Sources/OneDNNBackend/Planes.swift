import CDNNL

/// A batch of images in oneDNN's layout nChw16c or nChw8c. Every sample and block of channels has a plane, which holds
/// the `block` channels side by side, pixel after pixel.
///
/// Planes need not be adjacent: those of a concatenation's branch are spread over the whole.
struct Planes {
    /// Numbers of floats: from the start of the buffer, from sample to sample, and from block to block.
    let offset, sampleStride, blockStride: Int
    let samples, channels, pixels: Int
    /// The number of channels side by side, 16 or 8.
    let block: Int
    var blocks: Int { channels / block }

    /// `nil` for any other layout, and if the last block is not full.
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

    /// The start of a plane, in floats from the start of the buffer.
    func start(sample: Int, block: Int) -> Int { offset + sample * sampleStride + block * blockStride }
}
