import Tensors

/// The largest element of each channel of an image. NaN beats all numbers.
public struct GlobalMaxPooling: HostKernel {
    private let channels: Int
    private let positions: Int
    /// The number of samples.
    public let units: Int
    public let grain = 1

    /// - Parameter input: the shape of a batch.
    public init(_ input: Shape) {
        channels = input[3]
        positions = input[1] * input[2]
        units = input[0]
    }

    public func forward(_ values: HostValues, units: Range<Int>) {
        for image in units {
            let x = values.inputs[0] + image * positions * channels, y = values.output + image * channels
            y.update(from: x, count: channels)
            for position in 1..<max(positions, 1) {
                let x = x + position * channels
                for c in 0..<channels { y[c] = x[c] > y[c] || x[c].isNaN ? x[c] : y[c] }
            }
        }
    }

    /// Those that are equal share the gradient.
    public func addInputGradients(_ values: HostValues, _ gradients: HostGradients, units: Range<Int>) {
        guard let inputGradient = gradients.inputs[0] else { return }
        for image in units {
            let x = values.inputs[0] + image * positions * channels, y = values.output + image * channels
            let dy = gradients.output + image * channels, dx = inputGradient + image * positions * channels
            var winners = [Float](repeating: 0, count: channels)
            for position in 0..<positions {
                for c in 0..<channels where x[position * channels + c] == y[c] { winners[c] += 1 }
            }
            for position in 0..<positions {
                for c in 0..<channels where x[position * channels + c] == y[c] {
                    dx[position * channels + c] += dy[c] / winners[c]
                }
            }
        }
    }
}
