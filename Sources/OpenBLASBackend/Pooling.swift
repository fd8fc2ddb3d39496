import ComputeGraph

/// The largest element under the window, channel by channel.
final class MaxPooling: Kernel {
    private let input: Signal, output: Signal
    private let geometry: WindowGeometry
    private let workers: Workers
    /// For every output element, the position within its image of the input element that won. Empty without training.
    private var winners: [Int32]

    init(_ window: SlidingWindow, input: Signal, output: Signal, context: KernelContext) {
        self.input = input
        self.output = output
        geometry = WindowGeometry(window, input: input.size)
        workers = context.workers
        winners = [Int32](repeating: 0, count: output.gradient == nil ? 0 : output.count)
    }

    /// Windows are read in row-major order and only a larger element replaces the winner, so the first of equals wins.
    /// The padding is not read.
    func forward() {
        let channels = input.channels, size = geometry.input
        winners.withUnsafeMutableBufferPointer { winners in
            forEachWindow(workers, geometry, images: input.batchSize) { image, rows, columns, position in
                let x = input.values + image * input.sampleCount
                let y = output.values + position * channels
                let winner = winners.baseAddress.map { $0 + position * channels }
                var isFirst = true
                for i in rows {
                    for j in columns {
                        let candidate = i * size.width + j
                        let x = x + candidate * channels
                        if isFirst {
                            for c in 0..<channels { y[c] = x[c] }
                            if output.gradient != nil { winner?.update(repeating: Int32(candidate), count: channels) }
                            isFirst = false
                        } else if output.gradient != nil, let winner {
                            for c in 0..<channels {
                                let isLarger = x[c] > y[c]
                                y[c] = isLarger ? x[c] : y[c]
                                winner[c] = isLarger ? Int32(truncatingIfNeeded: candidate) : winner[c]
                            }
                        } else {
                            for c in 0..<channels { y[c] = x[c] > y[c] ? x[c] : y[c] }
                        }
                    }
                }
            }
        }
    }

    /// The winner gets the whole gradient.
    func backward() {
        guard let gradient = output.gradient, let inputGradient = input.gradient else { return }
        let channels = input.channels
        winners.withUnsafeBufferPointer { winners in
            forEachWindow(workers, geometry, images: input.batchSize) { image, _, _, position in
                let dy = gradient + position * channels, dx = inputGradient + image * input.sampleCount
                for c in 0..<channels { dx[Int(winners[position * channels + c]) * channels + c] += dy[c] }
            }
        }
    }
}

/// The mean of the elements under the window, channel by channel, without the padding.
final class AveragePooling: Kernel {
    private let input: Signal, output: Signal
    private let geometry: WindowGeometry
    private let workers: Workers

    init(_ window: SlidingWindow, input: Signal, output: Signal, context: KernelContext) {
        self.input = input
        self.output = output
        geometry = WindowGeometry(window, input: input.size)
        workers = context.workers
    }

    func forward() {
        let channels = input.channels, width = geometry.input.width
        forEachWindow(workers, geometry, images: input.batchSize) { image, rows, columns, position in
            let x = input.values + image * input.sampleCount
            let y = output.values + position * channels
            y.update(repeating: 0, count: channels)
            for i in rows {
                for j in columns { add(x + (i * width + j) * channels, to: y, count: channels) }
            }
            let share = 1 / Float(rows.count * columns.count)
            for c in 0..<channels { y[c] *= share }
        }
    }

    /// Every element under the window gets the same share of the gradient.
    func backward() {
        guard let gradient = output.gradient, let inputGradient = input.gradient else { return }
        let channels = input.channels, width = geometry.input.width
        forEachWindow(workers, geometry, images: input.batchSize) { image, rows, columns, position in
            let dy = gradient + position * channels
            let share = 1 / Float(rows.count * columns.count)
            for i in rows {
                for j in columns {
                    let dx = inputGradient + image * input.sampleCount + (i * width + j) * channels
                    for c in 0..<channels { dx[c] += share * dy[c] }
                }
            }
        }
    }
}

/// The mean of each channel of an image.
final class GlobalAveragePooling: Kernel {
    private let input: Signal, output: Signal
    private let workers: Workers

    init(input: Signal, output: Signal, context: KernelContext) {
        self.input = input
        self.output = output
        workers = context.workers
    }

    func forward() {
        let channels = input.channels, area = input.size.area
        workers.forEachSlice(of: input.batchSize) { _, images in
            for image in images {
                let x = input.values + image * input.sampleCount, y = output.values + image * channels
                y.update(repeating: 0, count: channels)
                for position in 0..<area { add(x + position * channels, to: y, count: channels) }
                for c in 0..<channels { y[c] /= Float(area) }
            }
        }
    }

    func backward() {
        guard let gradient = output.gradient, let inputGradient = input.gradient else { return }
        let channels = input.channels, area = input.size.area
        workers.forEachSlice(of: input.batchSize) { _, images in
            for image in images {
                let dy = gradient + image * channels
                for position in 0..<area {
                    let dx = inputGradient + image * input.sampleCount + position * channels
                    for c in 0..<channels { dx[c] += dy[c] / Float(area) }
                }
            }
        }
    }
}

/// Calls `body` with every position of the window in every image: the rows and columns under it without padding, and
/// the number of the position, counted through the batch. Each slice has whole images, because windows overlap.
@inline(__always)
private func forEachWindow(
    _ workers: Workers, _ geometry: WindowGeometry, images: Int,
    _ body: (_ image: Int, _ rows: Range<Int>, _ columns: Range<Int>, _ position: Int) -> Void
) {
    workers.forEachSlice(of: images) { _, images in
        for image in images {
            var position = image * geometry.output.area
            for i in 0..<geometry.output.height {
                let rows = geometry.rows(i)
                for j in 0..<geometry.output.width {
                    body(image, rows, geometry.columns(j), position)
                    position += 1
                }
            }
        }
    }
}
