import ComputeGraph
import HostMemory

/// The convolution of each channel by itself with `multiplier` filters: output channel `c * multiplier + m` is that of
/// filter m of channel c. In memory, an element of the window has the factors of all output channels side by side.
final class DepthwiseConvolution: Kernel {
    private let input: Signal, output: Signal
    private let kernel: Weights, bias: Weights?
    private let geometry: WindowGeometry
    private let workers: Workers
    private let scratch: Scratch
    private let multiplier: Int

    init(
        _ window: SlidingWindow, multiplier: Int, input: Signal, output: Signal, kernel: Weights, bias: Weights?,
        context: KernelContext
    ) throws {
        self.multiplier = multiplier
        self.input = input
        self.output = output
        self.kernel = kernel
        self.bias = bias
        geometry = WindowGeometry(window, input: input.size)
        workers = context.workers
        scratch = context.scratch
        if output.gradient != nil {
            try scratch.reserve(kernel.count + output.channels, slices: workers.sliceCount(of: input.batchSize))
        }
    }

    func forward() {
        let (channels, filters) = (input.channels, output.channels)
        workers.forEachSlice(of: output.batchSize * geometry.output.height) { _, rows in
            for row in rows {
                forEachPosition(of: row) { position in
                    let y = output.values + position
                    if let bias {
                        y.update(from: bias.values, count: filters)
                    } else {
                        y.update(repeating: 0, count: filters)
                    }
                } element: { position, element, inside in
                    let x = input.values + inside, w = kernel.values + element, y = output.values + position
                    if multiplier == 1 {
                        for c in 0..<channels { y[c] += w[c] * x[c] }
                    } else {
                        for c in 0..<channels {
                            for f in c * multiplier..<(c + 1) * multiplier { y[f] += w[f] * x[c] }
                        }
                    }
                }
            }
        }
    }

    /// `dkernel` is the sum of `dy * x` over all positions, and an input's gradient that of `dy * kernel` over the windows
    /// above it. Slices have whole images, so that two slices never add to the same element of the input's gradient.
    func backward() {
        guard let gradient = output.gradient else { return }
        let (channels, filters) = (input.channels, output.channels)
        let share = kernel.count + filters
        workers.forEachSlice(of: output.batchSize) { slice, images in
            let kernelShare = scratch.floats + slice * share, biasShare = kernelShare + kernel.count
            kernelShare.update(repeating: 0, count: share)
            let height = geometry.output.height
            for row in images.lowerBound * height..<images.upperBound * height {
                forEachPosition(of: row) { position in
                    add(gradient + position, to: biasShare, count: filters)
                } element: { position, element, inside in
                    let dy = gradient + position
                    let x = input.values + inside, dw = kernelShare + element, w = kernel.values + element
                    let dx = input.gradient.map { $0 + inside }
                    if multiplier == 1 {
                        for c in 0..<channels { dw[c] += dy[c] * x[c] }
                        if let dx { for c in 0..<channels { dx[c] += dy[c] * w[c] } }
                    } else {
                        for c in 0..<channels {
                            for f in c * multiplier..<(c + 1) * multiplier {
                                dw[f] += dy[f] * x[c]
                                dx?[c] += dy[f] * w[f]
                            }
                        }
                    }
                }
            }
        }
        for slice in 0..<workers.sliceCount(of: output.batchSize) {
            let kernelShare = scratch.floats + slice * share
            if let gradient = kernel.gradient { add(kernelShare, to: gradient, count: kernel.count) }
            if let gradient = bias?.gradient { add(kernelShare + kernel.count, to: gradient, count: filters) }
        }
    }

    /// Calls `start` with the offset of every position of an output row, which is counted through the batch, and then
    /// `body` for every element of the window inside the image: with the position's offset, that of the kernel's factors,
    /// and that of the input's channels.
    @inline(__always)
    private func forEachPosition(
        of row: Int, _ start: (_ position: Int) -> Void,
        element body: (_ position: Int, _ element: Int, _ inside: Int) -> Void
    ) {
        let window = geometry.window, size = geometry.input, filters = output.channels
        let (image, i) = row.quotientAndRemainder(dividingBy: geometry.output.height)
        for j in 0..<geometry.output.width {
            let position = (row * geometry.output.width + j) * filters
            start(position)
            for dy in 0..<window.kernel.height {
                let y = geometry.top(i) + dy * window.dilation.height
                guard y >= 0, y < size.height else { continue }
                for dx in 0..<window.kernel.width {
                    let x = geometry.left(j) + dx * window.dilation.width
                    guard x >= 0, x < size.width else { continue }
                    body(
                        position, (dy * window.kernel.width + dx) * filters,
                        ((image * size.height + y) * size.width + x) * input.channels)
                }
            }
        }
    }
}
