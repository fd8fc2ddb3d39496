import ComputeGraph

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
    func rows(_ i: Int) -> Range<Int> { max(top(i), 0)..<min(top(i) + window.kernel.height, input.height) }
    /// The input columns under the window for output column `j`, without padding.
    func columns(_ j: Int) -> Range<Int> { max(left(j), 0)..<min(left(j) + window.kernel.width, input.width) }
}

/// Convolution as a matrix product. im2col copies the patch under every window position into a row, so
/// `output [positions, filters] = patches [positions, kh kw in] * kernel [kh kw in, filters]`.
final class Convolution: Kernel {
    private let input: Signal, output: Signal
    private let kernel: Weights, bias: Weights?
    private let geometry: WindowGeometry
    private let workers: Workers
    private let scratch: Scratch

    /// The number of elements of a patch: the window's area times the input channels.
    private let patchCount: Int
    /// The number of output rows whose patches are copied at a time: enough for a fast product, few enough for the cache.
    private let rowsAtOnce: Int

    init(
        _ window: SlidingWindow, input: Signal, output: Signal, kernel: Weights, bias: Weights?, context: KernelContext
    ) throws {
        self.input = input
        self.output = output
        self.kernel = kernel
        self.bias = bias
        geometry = WindowGeometry(window, input: input.size)
        workers = context.workers
        scratch = context.scratch
        patchCount = window.kernel.area * input.channels
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
                let x = patches(of: rows, memory)
                if let bias {
                    y.fillRows(with: bias.values)
                    y.addProduct(x, kernelMatrix)
                } else {
                    y.setProduct(x, kernelMatrix)
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
                let dy = positions(gradient, rows, filters)
                if kernel.gradient != nil {
                    Matrix(kernelShare, rows: patchCount, columns: filters)
                        .addProduct(patches(of: rows, memory).transposed, dy)
                }
                if bias?.gradient != nil { dy.addRows(to: biasShare) }
                if let dx = input.gradient {
                    if isPointwise {
                        positions(dx, rows, patchCount).addProduct(dy, kernelMatrix.transposed)
                    } else {
                        let dpatches = Matrix(memory, rows: dy.rows, columns: patchCount)
                        dpatches.setProduct(dy, kernelMatrix.transposed)
                        col2im(memory, rows, addingTo: dx)
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

    /// The patches of output rows: copied into `memory`, or the input itself if that is the same.
    private func patches(of rows: Range<Int>, _ memory: Floats) -> Matrix {
        if isPointwise { return positions(input.values, rows, patchCount) }
        im2col(rows, into: memory)
        return Matrix(memory, rows: rows.count * geometry.output.width, columns: patchCount)
    }

    /// Calls `body` with every row of every patch, in units of elements: its offset in the patches, the padding before
    /// the part inside the image, that part's offset in the input (`inside`) and its length. In NHWC a row of a window is
    /// contiguous.
    @inline(__always)
    private func forEachPatchRow(
        _ rows: Range<Int>, _ body: (_ offset: Int, _ padding: Int, _ inside: Int, _ count: Int) -> Void
    ) {
        let channels = input.channels, size = geometry.input
        let windowRow = geometry.window.kernel.width * channels
        var offset = 0
        for row in rows {
            let (image, i) = row.quotientAndRemainder(dividingBy: geometry.output.height)
            let top = geometry.top(i)
            for j in 0..<geometry.output.width {
                let left = geometry.left(j), columns = geometry.columns(j)
                for y in top..<top + geometry.window.kernel.height {
                    if y >= 0, y < size.height {
                        body(
                            offset, (columns.lowerBound - left) * channels,
                            ((image * size.height + y) * size.width + columns.lowerBound) * channels,
                            columns.count * channels)
                    } else {
                        body(offset, windowRow, 0, 0)
                    }
                    offset += windowRow
                }
            }
        }
    }

    private func im2col(_ rows: Range<Int>, into patches: Floats) {
        let image = input.values
        let windowRow = geometry.window.kernel.width * input.channels
        forEachPatchRow(rows) { offset, padding, inside, count in
            let patch = patches + offset
            patch.update(repeating: 0, count: padding)
            (patch + padding).update(from: image + inside, count: count)
            (patch + padding + count).update(repeating: 0, count: windowRow - padding - count)
        }
    }

    private func col2im(_ patches: Floats, _ rows: Range<Int>, addingTo image: Floats) {
        forEachPatchRow(rows) { offset, padding, inside, count in
            add(patches + offset + padding, to: image + inside, count: count)
        }
    }
}
