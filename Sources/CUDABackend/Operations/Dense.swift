import ComputeGraph

/// The product of the last axis with a matrix.
final class Dense: Kernel {
    private let input: Signal, output: Signal
    private let kernel: PackedKernel
    private let kernelGradient: DeviceAddress?
    private let bias: Bias?
    private let context: KernelContext

    init(input: Signal, output: Signal, kernel: Weights, bias: Bias?, context: KernelContext) {
        self.input = input
        self.output = output
        self.kernel = context.packed.rounded(kernel.id, count: input.channels * output.channels)
        kernelGradient = kernel.gradient
        self.bias = bias
        self.context = context
    }

    func forward() throws {
        try context.multiply(
            input.matrix, Matrix(address: kernel.values, stride: output.channels), into: output.matrix,
            rows: input.rows, columns: output.channels, terms: input.channels, adds: false)
        try bias?.forward()
    }

    func backward() throws {
        guard let dy = output.gradientMatrix else { return }
        try bias?.backward()
        if let kernelGradient {
            try context.multiply(
                input.matrix.transposed, dy,
                into: Matrix(address: kernelGradient, stride: output.channels, isFloat: true), rows: input.channels,
                columns: output.channels, terms: input.rows, adds: true)
        }
        guard let dx = input.gradientMatrix else { return }
        try context.multiply(
            dy, Matrix(address: kernel.values, stride: output.channels).transposed, into: dx, rows: input.rows,
            columns: input.channels, terms: output.channels, adds: input.addsToGradient())
    }
}

extension Signal {
    /// The values, with a row for each vector of channels.
    var matrix: Matrix { Matrix(address: values, stride: channels) }
    var gradientMatrix: Matrix? { gradient.map { Matrix(address: $0, stride: channels) } }
}
