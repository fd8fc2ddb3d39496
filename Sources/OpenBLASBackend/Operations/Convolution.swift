import ComputeGraph

/// Convolution as a matrix product.
///
/// Each position of the window becomes a row: the `kh * kw * in` pixels under it. All rows of an image, times the
/// kernel as a matrix `[kh * kw * in, filters]`, are its output (`im2col`). Backward, the same rows times the output's
/// gradient are the kernel's gradient, and the gradient of the rows, put back where they came from, is the input's.
final class Convolution: Kernel {
    private let context: Context
    private let window: SlidingWindow
    private let input: Size2D
    private let output: Size2D
    private let inputChannels: Int
    private let filters: Int
    private let useBias: Bool
    /// The rows of one image.
    private let patches: Floats

    init(_ context: Context, _ window: SlidingWindow) {
        self.context = context
        self.window = window
        let shape = context.inputShapes[0]
        input = Size2D(shape[0], shape[1])
        output = window.output(for: input)
        inputChannels = shape[2]
        filters = context.channels
        useBias = context.node.parameters.count > 1
        patches = Floats(output.area * window.kernel.area * shape[2])
    }

    private var patchSize: Int { window.kernel.area * inputChannels }
    private var inputSize: Int { input.area * inputChannels }
    private var outputSize: Int { output.area * filters }

    func forward(_ x: [Input], _ y: Output) {
        for image in 0..<context.batchSize {
            gather(x[0] + image * inputSize)
            matrixProduct(
                patches.pointer, context.weights(0), y + image * outputSize, rows: output.area, columns: filters,
                inner: patchSize)
        }
        if useBias { addBias(context.weights(1), y, rows: context.batchSize * output.area, columns: filters) }
    }

    func backward(_ x: [Input], _ y: Input, _ dy: Input, _ dx: [Output?]) {
        for image in 0..<context.batchSize {
            let dy = dy + image * outputSize
            gather(x[0] + image * inputSize)
            matrixProduct(
                patches.pointer, dy, context.gradient(0), rows: patchSize, columns: filters, inner: output.area,
                transposingA: true, beta: 1)
            if let dx = dx[0] {
                matrixProduct(
                    dy, context.weights(0), patches.pointer, rows: output.area, columns: patchSize, inner: filters,
                    transposingB: true)
                scatter(dx + image * inputSize)
            }
        }
        if useBias {
            addColumnSums(dy, context.gradient(1), rows: context.batchSize * output.area, columns: filters)
        }
    }

    /// Copies the pixels under every position of the window into `patches`, zeros where it reaches over the border.
    private func gather(_ image: Input) {
        forEachRun { patch, pixel, count in
            if let pixel {
                patch.update(from: image + pixel, count: count)
            } else {
                patch.update(repeating: 0, count: count)
            }
        }
    }

    /// Adds `patches` to the pixels they were copied from.
    private func scatter(_ image: Output) {
        forEachRun { patch, pixel, count in
            guard let pixel else { return }
            for i in 0..<count { image[pixel + i] += patch[i] }
        }
    }

    /// Calls `body` for each pixel under each position of the window: where it is in `patches`, where in the image
    /// (`nil` outside), and its channels.
    @inline(__always)
    private func forEachRun(_ body: (_ patch: Output, _ pixel: Int?, _ count: Int) -> Void) {
        let leading = window.paddings(for: input).leading
        var patch = patches.pointer
        for row in 0..<output.height {
            for column in 0..<output.width {
                for kernelRow in 0..<window.kernel.height {
                    let i = row * window.strides.height + kernelRow - leading.height
                    for kernelColumn in 0..<window.kernel.width {
                        let j = column * window.strides.width + kernelColumn - leading.width
                        let isInside = i >= 0 && i < input.height && j >= 0 && j < input.width
                        body(patch, isInside ? (i * input.width + j) * inputChannels : nil, inputChannels)
                        patch += inputChannels
                    }
                }
            }
        }
    }
}
