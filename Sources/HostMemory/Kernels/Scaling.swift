import ComputeGraph
import Tensors

/// `y = scale * x + offset`, with constants that all channels share, or with one for each.
public struct Scaling: HostKernel {
    private let scale, offset: [Float]
    /// The number of rows of channels.
    public let units: Int
    public let grain = 64

    /// - Parameter shape: that of a batch.
    public init(_ settings: ScalingSettings, _ shape: Shape) {
        let channels = shape[shape.rank - 1]
        func perChannel(_ values: [Float]) -> [Float] {
            values.count == 1 ? [Float](repeating: values[0], count: channels) : values
        }
        scale = perChannel(settings.scale)
        offset = perChannel(settings.offset)
        units = shape.count / channels
    }

    public func forward(_ values: HostValues, units: Range<Int>) {
        for row in units {
            let x = values.inputs[0] + row * scale.count, y = values.output + row * scale.count
            for c in scale.indices { y[c] = scale[c] * x[c] + offset[c] }
        }
    }

    public func addInputGradients(_ values: HostValues, _ gradients: HostGradients, units: Range<Int>) {
        guard let inputGradient = gradients.inputs[0] else { return }
        for row in units {
            let dy = gradients.output + row * scale.count, dx = inputGradient + row * scale.count
            for c in scale.indices { dx[c] += scale[c] * dy[c] }
        }
    }
}

/// `y = (x - mean) / max(sqrt(variance), 1e-7)` for each channel, or the inverse.
public struct Standardization: HostKernel {
    private let invert: Bool
    private let channels: Int
    /// The number of rows of channels.
    public let units: Int
    public let grain = 64

    /// - Parameter shape: that of a batch.
    public init(invert: Bool, _ shape: Shape) {
        self.invert = invert
        channels = shape[shape.rank - 1]
        units = shape.count / channels
    }

    private func deviations(_ values: HostValues) -> [Float] {
        (0..<channels).map { max(values.parameters[1][$0].squareRoot(), 1e-7) }
    }

    public func forward(_ values: HostValues, units: Range<Int>) {
        let mean = values.parameters[0], deviations = deviations(values)
        for row in units {
            let x = values.inputs[0] + row * channels, y = values.output + row * channels
            if invert {
                for c in 0..<channels { y[c] = x[c] * deviations[c] + mean[c] }
            } else {
                for c in 0..<channels { y[c] = (x[c] - mean[c]) / deviations[c] }
            }
        }
    }

    public func addInputGradients(_ values: HostValues, _ gradients: HostGradients, units: Range<Int>) {
        guard let inputGradient = gradients.inputs[0] else { return }
        let deviations = deviations(values)
        for row in units {
            let dy = gradients.output + row * channels, dx = inputGradient + row * channels
            for c in 0..<channels { dx[c] += invert ? dy[c] * deviations[c] : dy[c] / deviations[c] }
        }
    }
}
