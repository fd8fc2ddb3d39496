import ComputeGraph

/// Surrounds the image with zeros.
final class ZeroPadding: Kernel {
    private let top: Int, left: Int
    private let input: Signal, output: Signal
    private let workers: Workers

    init(top: Int, left: Int, input: Signal, output: Signal, context: KernelContext) {
        self.top = top
        self.left = left
        self.input = input
        self.output = output
        workers = context.workers
    }

    func forward() {
        // Including the frame: a layer must not rely on the memory being zero at first.
        output.values.update(repeating: 0, count: output.count)
        forEachRow { inside, framed, count in
            (output.values + framed).update(from: input.values + inside, count: count)
        }
    }

    func backward() {
        guard let dy = output.gradient, let dx = input.gradient else { return }
        forEachRow { inside, framed, count in add(dy + framed, to: dx + inside, count: count) }
    }

    /// Calls `body` with the offset of every row of pixels in the input, its offset in the output and its length.
    private func forEachRow(_ body: (_ inside: Int, _ framed: Int, _ count: Int) -> Void) {
        let size = input.size, framedSize = output.size, channels = input.channels
        workers.forEachSlice(of: input.batchSize) { _, images in
            for image in images {
                for i in 0..<size.height {
                    body(
                        (image * size.height + i) * size.width * channels,
                        ((image * framedSize.height + top + i) * framedSize.width + left) * channels,
                        size.width * channels)
                }
            }
        }
    }
}
