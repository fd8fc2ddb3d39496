import ComputeGraph

/// The positions of a window over images, channels last: what both poolings walk over.
private struct Walk {
    let window: SlidingWindow
    let input: Size2D
    let output: Size2D
    let channels: Int
    let batchSize: Int

    init(_ context: Context, _ window: SlidingWindow) {
        self.window = window
        let shape = context.inputShapes[0]
        input = Size2D(shape[0], shape[1])
        output = window.output(for: input)
        channels = shape[2]
        batchSize = context.batchSize
    }

    /// Calls `body` for each position: where its output begins, and where the pixels under it begin, row major.
    func forEachPosition(_ body: (_ output: Int, _ pixels: [Int]) -> Void) {
        let leading = window.paddings(for: input).leading
        var position = 0
        var pixels: [Int] = []
        for image in 0..<batchSize {
            for row in 0..<output.height {
                let top = row * window.strides.height - leading.height
                let rows = max(top, 0)..<min(top + window.kernel.height, input.height)
                for column in 0..<output.width {
                    let left = column * window.strides.width - leading.width
                    let columns = max(left, 0)..<min(left + window.kernel.width, input.width)
                    pixels.removeAll(keepingCapacity: true)
                    for i in rows {
                        for j in columns { pixels.append(((image * input.height + i) * input.width + j) * channels) }
                    }
                    body(position, pixels)
                    position += channels
                }
            }
        }
    }
}

/// The largest pixel under the window. The padding is never looked at, so it never wins.
final class MaxPooling: Kernel {
    private let walk: Walk

    init(_ context: Context, _ window: SlidingWindow) { walk = Walk(context, window) }

    func forward(_ x: [Input], _ y: Output) {
        let x = x[0]
        walk.forEachPosition { output, pixels in
            for c in 0..<walk.channels { y[output + c] = x[largest(x, pixels, c)] }
        }
    }

    func backward(_ x: [Input], _ y: Input, _ dy: Input, _ dx: [Output?]) {
        guard let dx = dx[0] else { return }
        let x = x[0]
        walk.forEachPosition { output, pixels in
            for c in 0..<walk.channels { dx[largest(x, pixels, c)] += dy[output + c] }
        }
    }

    /// Where the first of the largest is.
    private func largest(_ x: Input, _ pixels: [Int], _ channel: Int) -> Int {
        var best = pixels[0] + channel
        for pixel in pixels where x[pixel + channel] > x[best] { best = pixel + channel }
        return best
    }
}

/// The mean of the pixels under the window; the padding does not count.
final class AveragePooling: Kernel {
    private let walk: Walk

    init(_ context: Context, _ window: SlidingWindow) { walk = Walk(context, window) }

    func forward(_ x: [Input], _ y: Output) {
        let x = x[0]
        walk.forEachPosition { output, pixels in
            for c in 0..<walk.channels {
                var sum: Float = 0
                for pixel in pixels { sum += x[pixel + c] }
                y[output + c] = sum / Float(pixels.count)
            }
        }
    }

    func backward(_ x: [Input], _ y: Input, _ dy: Input, _ dx: [Output?]) {
        guard let dx = dx[0] else { return }
        walk.forEachPosition { output, pixels in
            for c in 0..<walk.channels {
                let share = dy[output + c] / Float(pixels.count)
                for pixel in pixels { dx[pixel + c] += share }
            }
        }
    }
}
