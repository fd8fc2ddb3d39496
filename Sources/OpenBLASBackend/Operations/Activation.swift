import ComputeGraph
import Foundation

/// A function of each element by itself.
final class Elementwise: Kernel {
    private let count: Int
    private let function: ActivationFunction

    init(_ context: Context, _ function: ActivationFunction) {
        count = context.outputCount
        self.function = function
    }

    func forward(_ x: [Input], _ y: Output) {
        let x = x[0]
        switch function {
        case .relu: for i in 0..<count { y[i] = max(x[i], 0) }
        case .elu(let alpha): for i in 0..<count { y[i] = x[i] > 0 ? x[i] : alpha * expm1f(x[i]) }
        case .sigmoid: for i in 0..<count { y[i] = 1 / (1 + expf(-x[i])) }
        case .tanh: for i in 0..<count { y[i] = tanhf(x[i]) }
        case .linear, .softmax: y.update(from: x, count: count)
        }
    }

    /// The derivatives in terms of y, except at the corner of ReLU and ELU, where x decides.
    func backward(_ x: [Input], _ y: Input, _ dy: Input, _ dx: [Output?]) {
        guard let dx = dx[0] else { return }
        let x = x[0]
        switch function {
        case .relu: for i in 0..<count where x[i] > 0 { dx[i] += dy[i] }
        case .elu(let alpha): for i in 0..<count { dx[i] += x[i] > 0 ? dy[i] : dy[i] * (y[i] + alpha) }
        case .sigmoid: for i in 0..<count { dx[i] += dy[i] * y[i] * (1 - y[i]) }
        case .tanh: for i in 0..<count { dx[i] += dy[i] * (1 - y[i] * y[i]) }
        case .linear, .softmax: for i in 0..<count { dx[i] += dy[i] }
        }
    }
}

/// `exp(x) / sum of exp(x)` along the last axis.
final class Softmax: Kernel {
    private let rows: Int
    private let classes: Int

    init(_ context: Context) {
        classes = context.channels
        rows = context.outputCount / classes
    }

    func forward(_ x: [Input], _ y: Output) {
        for row in 0..<rows {
            let (x, y) = (x[0] + row * classes, y + row * classes)
            var largest = x[0]
            for i in 1..<max(classes, 1) { largest = max(largest, x[i]) }
            var sum = 0.0
            for i in 0..<classes { sum += exp(Double(x[i] - largest)) }
            for i in 0..<classes { y[i] = Float(exp(Double(x[i] - largest)) / sum) }
        }
    }

    /// `dx = y * (dy - sum(dy * y))`.
    func backward(_ x: [Input], _ y: Input, _ dy: Input, _ dx: [Output?]) {
        guard let dx = dx[0] else { return }
        for row in 0..<rows {
            let (y, dy, dx) = (y + row * classes, dy + row * classes, dx + row * classes)
            var sum = 0.0
            for i in 0..<classes { sum += Double(dy[i]) * Double(y[i]) }
            for i in 0..<classes { dx[i] += Float(Double(y[i]) * (Double(dy[i]) - sum)) }
        }
    }
}
