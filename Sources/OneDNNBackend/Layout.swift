import CDNNL
import ComputeGraph
import Tensors

/// The places of a tensor's elements in memory.
///
/// oneDNN lists dimensions as batch, channels, height, width, whatever their order in memory. "Plain" is this package's
/// order in memory: channels last.
struct Layout: Equatable {
    private let owner: Owner
    var descriptor: const_dnnl_memory_desc_t { owner.descriptor }

    private final class Owner {
        let descriptor: const_dnnl_memory_desc_t

        init(
            _ what: @autoclosure () -> String,
            _ create: (UnsafeMutablePointer<const_dnnl_memory_desc_t?>) -> dnnl_status_t
        ) throws {
            var descriptor: const_dnnl_memory_desc_t?
            try check(create(&descriptor), what())
            guard let descriptor else { throw BackendError("oneDNN gave no layout") }
            self.descriptor = descriptor
        }

        deinit { onednn_layout_destroy(descriptor) }
    }

    /// A copy of a layout with another owner.
    init(copying descriptor: const_dnnl_memory_desc_t) throws {
        owner = try Owner("copying a layout") { onednn_layout_copy($0, descriptor) }
    }

    /// The dimensions, in oneDNN's order, of a batch of samples of this shape.
    static func dimensions(_ sample: Shape, batchSize: Int) -> [Int] {
        [batchSize, sample[sample.rank - 1]] + sample.dimensions.dropLast()
    }

    /// The plain layout: channels last.
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

    /// One channel of an image after the other.
    static func planar(_ image: Shape, batchSize: Int) throws -> Layout {
        try Layout(dimensions(image, batchSize: batchSize), tag: dnnl_abcd)
    }

    /// Blocks of 16 or 8 channels side by side: see ``Planes``.
    static func blocked(_ image: Shape, batchSize: Int, block: Int) throws -> Layout {
        try Layout(dimensions(image, batchSize: batchSize), tag: block == 16 ? dnnl_nChw16c : dnnl_nChw8c)
    }

    /// A layout for a primitive to choose.
    static func any(_ sample: Shape, batchSize: Int) throws -> Layout {
        try Layout(dimensions(sample, batchSize: batchSize), tag: dnnl_format_tag_any)
    }

    init(_ dimensions: [Int], tag: dnnl_format_tag_t) throws {
        owner = try Owner("laying out \(dimensions)") {
            onednn_layout_create($0, Int32(dimensions.count), dimensions.map(Int64.init), tag)
        }
    }

    /// The part of this layout that begins at `offsets`, or `nil` if that would cut a block of channels.
    func slice(_ dimensions: [Int], at offsets: [Int]) -> Layout? {
        let slice = try? Owner("slicing a layout") {
            onednn_layout_slice($0, descriptor, dimensions.map(Int64.init), offsets.map(Int64.init))
        }
        return slice.map(Layout.init)
    }

    private init(owner: Owner) { self.owner = owner }

    /// The dimensions in oneDNN's order.
    var dimensions: [Int] {
        var rank: Int32 = 0
        guard let dimensions = onednn_layout_dimensions(descriptor, &rank) else { return [] }
        return (0..<Int(rank)).map { Int(dimensions[$0]) }
    }

    /// The size in bytes, including the layout's padding.
    var size: Int { dnnl_memory_desc_get_size(descriptor) }

    static func == (a: Layout, b: Layout) -> Bool { dnnl_memory_desc_equal(a.descriptor, b.descriptor) != 0 }
}
