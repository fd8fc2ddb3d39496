import CDNNL
import ComputeGraph
import Tensors

/// Where the elements of a tensor lie in memory.
///
/// oneDNN names dimensions in the order batch, channels, height, width, whatever the order in memory; "plain" here is
/// the library's own order, channels last.
struct Layout: Equatable {
    var descriptor: dnnl_memory_desc_t

    init(_ descriptor: dnnl_memory_desc_t) { self.descriptor = descriptor }

    /// Dimensions in oneDNN's order for a batch of samples of this shape.
    static func dimensions(_ sample: Shape, batchSize: Int) -> [Int] {
        [batchSize, sample[sample.rank - 1]] + sample.dimensions.dropLast()
    }

    /// Channels last.
    static func plain(_ sample: Shape, batchSize: Int) throws -> Layout {
        let tag =
            switch sample.rank {
            case 1: dnnl_ab
            case 2: dnnl_acb
            case 3: dnnl_acdb
            default: throw BackendError("onednn takes samples of up to three axes, not of shape \(sample)")
            }
        return try Layout(dimensions(sample, batchSize: batchSize), tag: tag)
    }

    /// To be chosen by a primitive.
    static func any(_ sample: Shape, batchSize: Int) throws -> Layout {
        try Layout(dimensions(sample, batchSize: batchSize), tag: dnnl_format_tag_any)
    }

    init(_ dimensions: [Int], tag: dnnl_format_tag_t) throws {
        var dims = dimensions.map(Int64.init)
        descriptor = dnnl_memory_desc_t()
        try check(
            dnnl_memory_desc_init_by_tag(&descriptor, Int32(dims.count), &dims, dnnl_f32, tag),
            "laying out \(dimensions)")
    }

    /// The part of this layout that begins at `offsets`; `nil` where blocks of channels would be cut.
    func slice(_ dimensions: [Int], at offsets: [Int]) -> Layout? {
        var dims = dimensions.map(Int64.init), begin = offsets.map(Int64.init)
        var slice = dnnl_memory_desc_t()
        var parent = descriptor
        guard dnnl_memory_desc_init_submemory(&slice, &parent, &dims, &begin) == dnnl_success else { return nil }
        return Layout(slice)
    }

    /// Bytes, with whatever padding the layout has.
    var size: Int {
        var descriptor = descriptor
        return dnnl_memory_desc_get_size(&descriptor)
    }

    static func == (a: Layout, b: Layout) -> Bool {
        var a = a.descriptor, b = b.descriptor
        return dnnl_memory_desc_equal(&a, &b) != 0
    }
}
