import ComputeGraph
import Foundation

/// `y = x / s ^ beta` with `s = bias + alpha * sum of x^2 over the channels around`.
///
/// Each x_c is in the sum of every channel k within the radius, so that
/// `dx_c = dy_c / s_c ^ beta - 2 * alpha * beta * x_c * sum over k of dy_k * x_k / s_k ^ (beta + 1)`.
final class LocalResponseNormalization: Kernel {
    private let rows: Int
    private let channels: Int
    private let depthRadius: Int
    private let bias: Double
    private let alpha: Double
    private let beta: Double

    init(_ context: Context, depthRadius: Int, bias: Float, alpha: Float, beta: Float) {
        channels = context.channels
        rows = context.outputCount / channels
        self.depthRadius = depthRadius
        self.bias = Double(bias)
        self.alpha = Double(alpha)
        self.beta = Double(beta)
    }

    private func around(_ channel: Int) -> ClosedRange<Int> {
        max(channel - depthRadius, 0)...min(channel + depthRadius, channels - 1)
    }

    private func sum(_ x: Input, _ channel: Int) -> Double {
        var squares = 0.0
        for k in around(channel) { squares += Double(x[k]) * Double(x[k]) }
        return bias + alpha * squares
    }

    func forward(_ x: [Input], _ y: Output) {
        for row in 0..<rows {
            let (x, y) = (x[0] + row * channels, y + row * channels)
            for c in 0..<channels { y[c] = Float(Double(x[c]) * pow(sum(x, c), -beta)) }
        }
    }

    func backward(_ x: [Input], _ y: Input, _ dy: Input, _ dx: [Output?]) {
        guard let dx = dx[0] else { return }
        for row in 0..<rows {
            let (x, dy, dx) = (x[0] + row * channels, dy + row * channels, dx + row * channels)
            let sums = (0..<channels).map { sum(x, $0) }
            for c in 0..<channels {
                var through = 0.0
                for k in around(c) { through += Double(dy[k]) * Double(x[k]) * pow(sums[k], -beta - 1) }
                dx[c] += Float(Double(dy[c]) * pow(sums[c], -beta) - 2 * alpha * beta * Double(x[c]) * through)
            }
        }
    }
}
