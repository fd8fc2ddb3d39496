import Tensors

/// The product of the inputs, element by element.
public struct Multiplication: HostKernel {
    private let inputs: [Broadcast]
    private let sample: Int
    /// The number of samples.
    public let units: Int
    public let grain = 1

    /// - Parameters:
    ///   - inputs: the shapes of batches, which are repeated along axes of length 1.
    ///   - output: the shape of a batch.
    public init(_ inputs: [Shape], _ output: Shape) {
        self.inputs = inputs.map { Broadcast($0.sample, to: output.sample) }
        sample = output.sample.count
        units = output[0]
    }

    public func forward(_ values: HostValues, units: Range<Int>) {
        for unit in units {
            let y = values.output + unit * sample
            y.update(repeating: 1, count: sample)
            for (input, x) in zip(inputs, values.inputs) {
                let x = x + unit * input.count
                input.forEach { i, j in y[i] *= x[j] }
            }
        }
    }

    /// An input's gradient is the output's times all other inputs.
    public func addInputGradients(_ values: HostValues, _ gradients: HostGradients, units: Range<Int>) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: sample) { product in
            for unit in units {
                let dy = gradients.output + unit * sample
                for (k, input) in inputs.enumerated() {
                    guard let dx = gradients.inputs[k].map({ $0 + unit * input.count }) else { continue }
                    for i in 0..<sample { product[i] = dy[i] }
                    for (other, operand) in inputs.enumerated() where other != k {
                        let x = values.inputs[other] + unit * operand.count
                        operand.forEach { i, j in product[i] *= x[j] }
                    }
                    input.forEach { i, j in dx[j] += product[i] }
                }
            }
        }
    }
}

/// The largest or the smallest of the inputs, element by element. NaN beats all numbers.
public struct Extremum: HostKernel {
    private let inputs: [Broadcast]
    /// 1 for the largest, -1 for the smallest.
    private let sign: Float
    private let sample: Int
    /// The number of samples.
    public let units: Int
    public let grain = 1

    /// - Parameters:
    ///   - inputs: the shapes of batches, which are repeated along axes of length 1.
    ///   - output: the shape of a batch.
    public init(isLargest: Bool, _ inputs: [Shape], _ output: Shape) {
        self.inputs = inputs.map { Broadcast($0.sample, to: output.sample) }
        sign = isLargest ? 1 : -1
        sample = output.sample.count
        units = output[0]
    }

    public func forward(_ values: HostValues, units: Range<Int>) {
        for unit in units {
            let y = values.output + unit * sample
            for (k, input) in inputs.enumerated() {
                let x = values.inputs[k] + unit * input.count
                if k == 0 {
                    input.forEach { i, j in y[i] = x[j] }
                } else {
                    input.forEach { i, j in y[i] = sign * x[j] > sign * y[i] || x[j].isNaN ? x[j] : y[i] }
                }
            }
        }
    }

    /// The first of equal inputs gets the whole gradient.
    public func addInputGradients(_ values: HostValues, _ gradients: HostGradients, units: Range<Int>) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: sample) { rest in
            for unit in units {
                let y = values.output + unit * sample, dy = gradients.output + unit * sample
                for i in 0..<sample { rest[i] = dy[i] }
                for (k, input) in inputs.enumerated() {
                    let x = values.inputs[k] + unit * input.count
                    let dx = gradients.inputs[k].map { $0 + unit * input.count }
                    input.forEach { i, j in
                        guard x[j] == y[i] else { return }
                        dx?[j] += rest[i]
                        rest[i] = 0
                    }
                }
            }
        }
    }
}
