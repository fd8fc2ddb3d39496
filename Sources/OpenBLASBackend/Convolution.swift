import ComputeGraph
import HostMemory

/// The rows and columns under a window that slides over images of one size.
struct WindowGeometry {
    let window: SlidingWindow
    let input: Size2D
    let output: Size2D
    private let leading: Size2D

    init(_ window: SlidingWindow, input: Size2D) {
        self.window = window
        self.input = input
        output = window.output(for: input)
        leading = window.paddings(for: input).leading
    }

    /// The first input row under the window for output row `i`; negative in the padding.
    func top(_ i: Int) -> Int { i * window.strides.height - leading.height }
    /// The first input column under the window for output column `j`; negative in the padding.
    func left(_ j: Int) -> Int { j * window.strides.width - leading.width }

    /// The input rows under the window for output row `i`, without padding.
    func rows(_ i: Int) -> Range<Int> { max(top(i), 0)..<min(top(i) + window.extent.height, input.height) }
    /// The input columns under the window for output column `j`, without padding.
    func columns(_ j: Int) -> Range<Int> { max(left(j), 0)..<min(left(j) + window.extent.width, input.width) }
}

/// Convolution as a matrix product. im2col copies the patch under every window position into a row, so
/// `output [positions, filters] = patches [positions, kh kw in] * kernel [kh kw in, filters]`. Each group of filters is a
/// product of its own, with patches of the channels that it sees.
final class Convolution: Kernel {
    private let input: Signal, output: Signal
    private let kernel: Weights, bias: Weights?
    private let geometry: WindowGeometry
    private let groups: Int
    private let workers: Workers
    private let scratch: Scratch

    /// The number of elements of a patch: the window's area times the input channels that a filter sees.
    private let patchCount: Int
    /// The number of output rows whose patches are copied at a time: enough for a fast product, few enough for the cache.
    private let rowsAtOnce: Int

    init(
        _ window: SlidingWindow, groups: Int, input: Signal, output: Signal, kernel: Weights, bias: Weights?,
        context: KernelContext
    ) throws {
        self.groups = groups
        self.input = input
        self.output = output
        self.kernel = kernel
        self.bias = bias
        geometry = WindowGeometry(window, input: input.size)
        workers = context.workers
        scratch = context.scratch
        patchCount = window.kernel.area * (input.channels / groups)
        rowsAtOnce = max(1, 256 / geometry.output.width)

        let slices = workers.sliceCount(of: input.batchSize * geometry.output.height)
        try scratch.reserve(patchesCount, slices: slices)
        if output.gradient != nil {
            try scratch.reserve(backwardCount, slices: workers.sliceCount(of: input.batchSize))
        }
    }

    // A slice's part of the scratch memory: the patches and, in the backward pass, its share of the parameters'
    // gradients.
    private var patchesCount: Int { isPointwise ? 0 : rowsAtOnce * geometry.output.width * patchCount }
    private var backwardCount: Int { patchesCount + kernel.count + filters }

    private var filters: Int { output.channels }
    /// The number of input channels that a filter sees.
    private var seen: Int { input.channels / groups }
    /// The filters of a group, and the channels that they see.
    private func filters(_ group: Int) -> Range<Int> { group * filters / groups..<(group + 1) * filters / groups }
    private func channels(_ group: Int) -> Range<Int> { group * seen..<(group + 1) * seen }
    private var kernelMatrix: Matrix { Matrix(kernel.values, rows: patchCount, columns: filters) }

    /// Whether the window is 1x1 with strides of 1. Then the input itself is the matrix of patches.
    private var isPointwise: Bool {
        geometry.window.kernel.area == 1 && geometry.window.strides.area == 1
    }

    /// Calls `body` with ranges of at most `rowsAtOnce` rows.
    private func forEachChunk(of rows: Range<Int>, _ body: (Range<Int>) -> Void) {
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: rowsAtOnce) {
            body(first..<min(first + rowsAtOnce, rows.upperBound))
        }
    }

    /// A matrix whose rows are the positions of these output rows, which are counted through the batch.
    private func positions(_ floats: Floats, _ rows: Range<Int>, _ columns: Int) -> Matrix {
        let width = geometry.output.width
        return Matrix(floats + rows.lowerBound * width * columns, rows: rows.count * width, columns: columns)
    }

    func forward() {
        workers.forEachSlice(of: output.batchSize * geometry.output.height) { slice, rows in
            let memory = scratch.floats + slice * patchesCount
            forEachChunk(of: rows) { rows in
                let y = positions(output.values, rows, filters)
                if let bias { y.fillRows(with: bias.values) }
                for group in 0..<groups {
                    let x = patches(of: rows, group, memory)
                    let y = y.columns(filters(group)), kernel = kernelMatrix.columns(filters(group))
                    if bias == nil { y.setProduct(x, kernel) } else { y.addProduct(x, kernel) }
                }
            }
        }
    }

    /// With `y = patches * kernel + bias`: `dkernel = patches^T * dy`, `dpatches = dy * kernel^T`, and `dbias` is the
    /// sum of `dy` over all positions. An input element's gradient is the sum of the gradients of its copies in patches.
    func backward() {
        guard let gradient = output.gradient else { return }
        workers.forEachSlice(of: output.batchSize) { slice, images in
            let memory = scratch.floats + slice * backwardCount
            let kernelShare = memory + patchesCount, biasShare = kernelShare + kernel.count
            kernelShare.update(repeating: 0, count: kernel.count + filters)
            // Slices have whole images, so that two slices never add to the same element of the input's gradient.
            let height = geometry.output.height
            forEachChunk(of: images.lowerBound * height..<images.upperBound * height) { rows in
                let all = positions(gradient, rows, filters)
                if bias?.gradient != nil { all.addRows(to: biasShare) }
                for group in 0..<groups {
                    let dy = all.columns(filters(group))
                    if kernel.gradient != nil {
                        Matrix(kernelShare, rows: patchCount, columns: filters).columns(filters(group))
                            .addProduct(patches(of: rows, group, memory).transposed, dy)
                    }
                    guard let dx = input.gradient else { continue }
                    let kernel = kernelMatrix.columns(filters(group))
                    if isPointwise {
                        positions(dx, rows, input.channels).columns(channels(group))
                            .addProduct(dy, kernel.transposed)
                    } else {
                        let dpatches = Matrix(memory, rows: dy.rows, columns: patchCount)
                        dpatches.setProduct(dy, kernel.transposed)
                        col2im(memory, rows, group, addingTo: dx)
                    }
                }
            }
        }
        for slice in 0..<workers.sliceCount(of: output.batchSize) {
            let kernelShare = scratch.floats + slice * backwardCount + patchesCount
            if let gradient = kernel.gradient { add(kernelShare, to: gradient, count: kernel.count) }
            if let gradient = bias?.gradient { add(kernelShare + kernel.count, to: gradient, count: filters) }
        }
    }

    /// A group's patches of output rows: copied into `memory`, or the input itself if that is the same.
    private func patches(of rows: Range<Int>, _ group: Int, _ memory: Floats) -> Matrix {
        if isPointwise { return positions(input.values, rows, input.channels).columns(channels(group)) }
        im2col(rows, group, into: memory)
        return Matrix(memory, rows: rows.count * geometry.output.width, columns: patchCount)
    }

    /// Calls `body` with the pieces of every patch whose elements are side by side both in the patch and in the input:
    /// whole rows of the window in NHWC, or single pixels if a window has holes or a filter does not see all channels.
    ///
    /// The numbers are in units of elements: the piece's offset in the patches and its length, the padding before the
    /// part inside the image, that part's offset in the input (`inside`) and its length.
    @inline(__always)
    private func forEachPiece(
        _ rows: Range<Int>, _ group: Int,
        _ body: (_ offset: Int, _ length: Int, _ padding: Int, _ inside: Int, _ count: Int) -> Void
    ) {
        let channels = input.channels, size = geometry.input, window = geometry.window
        let firstChannel = group * seen
        let hasWholeRows = window.dilation.width == 1 && groups == 1
        let windowRow = window.kernel.width * seen
        var offset = 0
        for row in rows {
            let (image, i) = row.quotientAndRemainder(dividingBy: geometry.output.height)
            let top = geometry.top(i)
            for j in 0..<geometry.output.width {
                let left = geometry.left(j), columns = geometry.columns(j)
                for y in stride(from: top, to: top + window.extent.height, by: window.dilation.height) {
                    let start = (image * size.height + y) * size.width
                    if y < 0 || y >= size.height {
                        body(offset, windowRow, windowRow, 0, 0)
                        offset += windowRow
                    } else if hasWholeRows {
                        body(
                            offset, windowRow, (columns.lowerBound - left) * channels,
                            (start + columns.lowerBound) * channels, columns.count * channels)
                        offset += windowRow
                    } else {
                        for x in stride(from: left, to: left + window.extent.width, by: window.dilation.width) {
                            if columns.contains(x) {
                                body(offset, seen, 0, (start + x) * channels + firstChannel, seen)
                            } else {
                                body(offset, seen, seen, 0, 0)
                            }
                            offset += seen
                        }
                    }
                }
            }
        }
    }

    private func im2col(_ rows: Range<Int>, _ group: Int, into patches: Floats) {
        let image = input.values
        forEachPiece(rows, group) { offset, length, padding, inside, count in
            let patch = patches + offset
            patch.update(repeating: 0, count: padding)
            (patch + padding).update(from: image + inside, count: count)
            (patch + padding + count).update(repeating: 0, count: length - padding - count)
        }
    }

    private func col2im(_ patches: Floats, _ rows: Range<Int>, _ group: Int, addingTo image: Floats) {
        forEachPiece(rows, group) { offset, _, padding, inside, count in
            add(patches + offset + padding, to: image + inside, count: count)
        }
    }
}
