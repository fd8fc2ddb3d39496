import Tensors

/// `y = x` above zero, `alpha * x` below, with alphas that training changes. Elements may share an alpha.
public struct PReLU: HostKernel {
    private let alpha: Broadcast
    private let sample: Int
    /// The number of samples.
    public let units: Int
    public let grain = 1

    /// - Parameter shape: that of a batch.
    public init(alpha: Shape, _ shape: Shape) {
        self.alpha = Broadcast(alpha, to: shape.sample)
        sample = shape.sample.count
        units = shape[0]
    }

    public func forward(_ values: HostValues, units: Range<Int>) {
        let a = values.parameters[0]
        for unit in units {
            let x = values.inputs[0] + unit * sample, y = values.output + unit * sample
            alpha.forEach { i, shared in y[i] = x[i] < 0 ? a[shared] * x[i] : x[i] }
        }
    }

    public func addInputGradients(_ values: HostValues, _ gradients: HostGradients, units: Range<Int>) {
        guard let inputGradient = gradients.inputs[0] else { return }
        let a = values.parameters[0]
        for unit in units {
            let x = values.inputs[0] + unit * sample
            let dy = gradients.output + unit * sample, dx = inputGradient + unit * sample
            alpha.forEach { i, shared in dx[i] += x[i] > 0 ? dy[i] : x[i] < 0 ? a[shared] * dy[i] : 0 }
        }
    }

    /// An alpha's gradient is the sum of `dy * x` over all elements below zero that share it.
    public func addParameterGradients(_ values: HostValues, _ gradients: HostGradients) {
        guard let da = gradients.parameters[0] else { return }
        var sums = [Double](repeating: 0, count: alpha.count)
        sums.withUnsafeMutableBufferPointer { sums in
            for unit in 0..<units {
                let x = values.inputs[0] + unit * sample, dy = gradients.output + unit * sample
                alpha.forEach { i, shared in if x[i] < 0 { sums[shared] += Double(dy[i]) * Double(x[i]) } }
            }
        }
        for (shared, sum) in sums.enumerated() { da[shared] += Float(sum) }
    }
}
