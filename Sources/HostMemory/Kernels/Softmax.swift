import Foundation
import Tensors

/// `y = exp(x) / sum(exp(x))` along the last axis.
struct Softmax: HostKernel {
    private let channels: Int
    /// The number of rows of channels.
    let units: Int
    let grain = 16

    init(_ shape: Shape) {
        channels = shape[shape.rank - 1]
        units = shape.count / channels
    }

    func forward(_ values: HostValues, units: Range<Int>) {
        for row in units {
            let x = values.inputs[0] + row * channels, y = values.output + row * channels
            // Subtracting a constant does not change the quotient. Subtracting the largest avoids overflow.
            let largest = largest(of: x, count: channels)
            var sum: Float = 0
            for c in 0..<channels {
                y[c] = exp(x[c] - largest)
                sum += y[c]
            }
            for c in 0..<channels { y[c] /= sum }
        }
    }

    /// `dx = y * (dy - sum(dy * y))`.
    func addInputGradients(_ values: HostValues, _ gradients: HostGradients, units: Range<Int>) {
        guard let inputGradient = gradients.inputs[0] else { return }
        for row in units {
            let y = values.output + row * channels
            let dy = gradients.output + row * channels, dx = inputGradient + row * channels
            var sum: Float = 0
            for c in 0..<channels { sum += dy[c] * y[c] }
            for c in 0..<channels { dx[c] += y[c] * (dy[c] - sum) }
        }
    }
}

/// The logarithm of the softmax: `y = x - ln(sum(exp(x)))` along the last axis.
struct LogSoftmax: HostKernel {
    private let channels: Int
    /// The number of rows of channels.
    let units: Int
    let grain = 16

    init(_ shape: Shape) {
        channels = shape[shape.rank - 1]
        units = shape.count / channels
    }

    func forward(_ values: HostValues, units: Range<Int>) {
        for row in units {
            let x = values.inputs[0] + row * channels, y = values.output + row * channels
            let largest = largest(of: x, count: channels)
            var sum: Float = 0
            for c in 0..<channels { sum += exp(x[c] - largest) }
            let logarithm = log(sum)
            for c in 0..<channels { y[c] = x[c] - largest - logarithm }
        }
    }

    /// `dx = dy - softmax * sum(dy)`.
    func addInputGradients(_ values: HostValues, _ gradients: HostGradients, units: Range<Int>) {
        guard let inputGradient = gradients.inputs[0] else { return }
        for row in units {
            let y = values.output + row * channels
            let dy = gradients.output + row * channels, dx = inputGradient + row * channels
            var sum: Float = 0
            for c in 0..<channels { sum += dy[c] }
            for c in 0..<channels { dx[c] += dy[c] - exp(y[c]) * sum }
        }
    }
}

private func largest(of x: ConstFloats, count: Int) -> Float {
    var largest = x[0]
    for c in 1..<count where x[c] > largest { largest = x[c] }
    return largest
}
