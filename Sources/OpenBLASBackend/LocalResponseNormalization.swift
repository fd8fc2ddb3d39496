import ComputeGraph
import Foundation
import HostMemory

/// Damps a channel by its neighbors at the same position: `y = x / d^beta`, where
/// `d[c] = bias + alpha * sum of x^2 over the channels c - depthRadius ... c + depthRadius`.
final class LocalResponseNormalization: Kernel {
    private let depthRadius: Int
    private let bias: Float, alpha: Float, beta: Float
    private let input: Signal, output: Signal
    private let workers: Workers
    private let scratch: Scratch

    init(
        depthRadius: Int, bias: Float, alpha: Float, beta: Float, input: Signal, output: Signal, context: KernelContext
    ) throws {
        self.depthRadius = depthRadius
        self.bias = bias
        self.alpha = alpha
        self.beta = beta
        self.input = input
        self.output = output
        workers = context.workers
        scratch = context.scratch
        // Every slice needs a row of denominators and a row of quotients.
        try scratch.reserve(2 * input.channels, slices: workers.sliceCount(of: input.rows, grain: 16))
    }

    private func neighbors(_ channel: Int) -> Range<Int> {
        max(channel - depthRadius, 0)..<min(channel + depthRadius + 1, input.channels)
    }

    /// Computes `d` of one row.
    private func computeDenominators(of x: Floats, into d: Floats) {
        for c in 0..<input.channels {
            var sum: Float = 0
            for n in neighbors(c) { sum += x[n] * x[n] }
            d[c] = bias + alpha * sum
        }
    }

    func forward() {
        let channels = input.channels
        workers.forEachSlice(of: input.rows, grain: 16) { slice, rows in
            let d = scratch.floats + slice * 2 * channels
            for row in rows {
                let x = input.values + row * channels, y = output.values + row * channels
                computeDenominators(of: x, into: d)
                for c in 0..<channels { y[c] = x[c] * pow(d[c], -beta) }
            }
        }
    }

    /// `x[c]` is in its own numerator and in the denominators of its neighbors:
    /// `dx[c] = dy[c] / d[c]^beta - 2 alpha beta x[c] * sum of dy[n] * y[n] / d[n] over the neighbors n`.
    func backward() {
        guard let gradient = output.gradient, let inputGradient = input.gradient else { return }
        let channels = input.channels
        workers.forEachSlice(of: input.rows, grain: 16) { slice, rows in
            let d = scratch.floats + slice * 2 * channels, quotients = d + channels
            for row in rows {
                let x = input.values + row * channels, y = output.values + row * channels
                let dy = gradient + row * channels, dx = inputGradient + row * channels
                computeDenominators(of: x, into: d)
                for c in 0..<channels { quotients[c] = dy[c] * y[c] / d[c] }
                for c in 0..<channels {
                    var sum: Float = 0
                    for n in neighbors(c) { sum += quotients[n] }
                    dx[c] += dy[c] * pow(d[c], -beta) - 2 * alpha * beta * x[c] * sum
                }
            }
        }
    }
}
