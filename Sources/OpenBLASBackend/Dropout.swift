import ComputeGraph
import HostMemory
import Tensors

/// Zeroes random elements in training and scales the others, so that the mean stays the same.
///
/// The random numbers are counted, not drawn, so the backward pass computes them again and keeps no mask.
final class Dropout: Kernel {
    private let rate: Float
    private let node: NodeID
    private let input: Signal, output: Signal
    private let workers: Workers
    private let step: CurrentStep

    init(rate: Float, node: NodeID, input: Signal, output: Signal, context: KernelContext) {
        self.rate = rate
        self.node = node
        self.input = input
        self.output = output
        workers = context.workers
        step = context.step
    }

    func forward() {
        let x = input.values, y = output.values
        forEachElement { i, factor in y[i] = x[i] * factor }
    }

    func backward() {
        guard let dy = output.gradient, let dx = input.gradient else { return }
        forEachElement { i, factor in dx[i] += dy[i] * factor }
    }

    /// Calls `body` with every element and its factor, which is zero or the scale.
    @inline(__always)
    private func forEachElement(_ body: (_ i: Int, _ factor: Float) -> Void) {
        // The plan has checked that there are random numbers.
        guard let mask = step.dropout?.mask(of: node, output.shape, rate: rate) else { return }
        workers.forEachSlice(of: mask.blockCount, grain: 1024) { _, blocks in
            mask.forEachFactor(blocks: blocks, body)
        }
    }
}
