import ComputeGraph
import Foundation
import System

/// An activation of single elements. ``Softmax`` is separate, because it is not a function of one element.
final class ElementwiseActivation: Kernel {
    private let activation: ActivationFunction
    private let input: Signal, output: Signal
    private let workers: Workers

    init(_ activation: ActivationFunction, input: Signal, output: Signal, context: KernelContext) {
        self.activation = activation
        self.input = input
        self.output = output
        workers = context.workers
    }

    func forward() {
        let x = input.values, y = output.values
        workers.forEachSlice(ofElements: output.count) { elements in
            switch activation {
            case .relu:
                // Written so that NaN propagates.
                for i in elements { y[i] = x[i] < 0 ? 0 : x[i] }
            case .sigmoid:
                for i in elements { y[i] = 1 / (1 + exp(-x[i])) }
            case .tanh:
                for i in elements { y[i] = Foundation.tanh(x[i]) }
            case .elu(let alpha):
                for i in elements { y[i] = x[i] > 0 ? x[i] : alpha * expm1(x[i]) }
            case .linear:
                for i in elements { y[i] = x[i] }
            case .softmax:
                stop("softmax has a layer of its own")
            }
        }
    }

    /// The derivatives, expressed with `y` if that saves work. At zero, relu's is 0 and elu's is `alpha`.
    func backward() {
        guard let dy = output.gradient, let dx = input.gradient else { return }
        let x = input.values, y = output.values
        workers.forEachSlice(ofElements: output.count) { elements in
            switch activation {
            case .relu:
                for i in elements { dx[i] += x[i] > 0 ? dy[i] : 0 }
            case .sigmoid:
                for i in elements { dx[i] += dy[i] * y[i] * (1 - y[i]) }
            case .tanh:
                for i in elements { dx[i] += dy[i] * (1 - y[i] * y[i]) }
            case .elu(let alpha):
                for i in elements { dx[i] += x[i] > 0 ? dy[i] : dy[i] * (y[i] + alpha) }
            case .linear:
                for i in elements { dx[i] += dy[i] }
            case .softmax:
                stop("softmax has a layer of its own")
            }
        }
    }
}

/// `y = exp(x) / sum(exp(x))` along the last axis, the only activation whose elements depend on each other.
final class Softmax: Kernel {
    private let input: Signal, output: Signal
    private let workers: Workers

    init(input: Signal, output: Signal, context: KernelContext) {
        self.input = input
        self.output = output
        workers = context.workers
    }

    func forward() {
        let channels = output.channels
        workers.forEachSlice(of: output.rows, grain: 16) { _, rows in
            for row in rows {
                let x = input.values + row * channels, y = output.values + row * channels
                // Subtracting a constant does not change the quotient. Subtracting the largest avoids overflow.
                var largest = x[0]
                for c in 1..<channels where x[c] > largest { largest = x[c] }
                var sum: Float = 0
                for c in 0..<channels {
                    y[c] = exp(x[c] - largest)
                    sum += y[c]
                }
                for c in 0..<channels { y[c] /= sum }
            }
        }
    }

    /// `dx = y * (dy - sum(dy * y))`.
    func backward() {
        guard let gradient = output.gradient, let inputGradient = input.gradient else { return }
        let channels = output.channels
        workers.forEachSlice(of: output.rows, grain: 16) { _, rows in
            for row in rows {
                let y = output.values + row * channels
                let dy = gradient + row * channels, dx = inputGradient + row * channels
                var sum: Float = 0
                for c in 0..<channels { sum += dy[c] * y[c] }
                for c in 0..<channels { dx[c] += y[c] * (dy[c] - sum) }
            }
        }
    }
}
