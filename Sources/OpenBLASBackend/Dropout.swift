import ComputeGraph
import Tensors

/// In training: zeroes elements at random and scales the others, so that the mean stays the same.
///
/// The numbers are counted, not drawn, so backward asks for the same ones again and no mask is kept.
final class Dropout: Layer {
    private let rate: Float
    /// The node's first element in the random stream: 2^36 elements for every node of the graph.
    private let firstElement: Int
    private let input: Signal, output: Signal
    private let workers: Workers

    /// The random numbers of this step.
    var stream = RandomStream(seed: 0, purpose: .dropout)

    init(rate: Float, node: Int, input: Signal, output: Signal, context: LayerContext) {
        self.rate = rate
        firstElement = node << 36
        self.input = input
        self.output = output
        workers = context.workers
    }

    func forward() {
        let x = input.values, y = output.values
        forEachElement { i, factor in y[i] = x[i] * factor }
    }

    func backward() {
        guard let dy = output.gradient, let dx = input.gradient else { return }
        forEachElement { i, factor in dx[i] += dy[i] * factor }
    }

    /// Calls `body` with every element and its factor, zero or the scale.
    @inline(__always)
    private func forEachElement(_ body: (_ i: Int, _ factor: Float) -> Void) {
        let stream = stream, count = output.count
        let scale = 1 / (1 - rate)
        // The stream comes in blocks of four.
        workers.forEachSlice(of: (count + 3) / 4, grain: 1024) { _, blocks in
            for block in blocks {
                let words = stream.words(block: firstElement >> 2 + block)
                for i in 4 * block..<min(4 * block + 4, count) {
                    let uniform = Float(words[i & 3] >> 8) * 0x1p-24
                    body(i, uniform >= rate ? scale : 0)
                }
            }
        }
    }
}
