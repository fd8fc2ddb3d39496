import ComputeGraph

/// `output [rows, units] = input [rows, in] * kernel [in, units] + bias`. All axes except the last count as rows.
final class Dense: Kernel {
    private let input: Signal, output: Signal
    private let kernel: Weights, bias: Weights?
    private let workers: Workers

    init(input: Signal, output: Signal, kernel: Weights, bias: Weights?, context: KernelContext) {
        self.input = input
        self.output = output
        self.kernel = kernel
        self.bias = bias
        workers = context.workers
    }

    private var x: Matrix { Matrix(input.values, rows: input.rows, columns: input.channels) }
    private var y: Matrix { Matrix(output.values, rows: output.rows, columns: output.channels) }
    private var kernelMatrix: Matrix { Matrix(kernel.values, rows: input.channels, columns: output.channels) }

    func forward() {
        workers.forEachSlice(of: output.channels, grain: 64) { _, units in
            let part = y.columns(units), kernel = kernelMatrix.columns(units)
            if let bias {
                part.fillRows(with: bias.values + units.lowerBound)
                part.addProduct(x, kernel)
            } else {
                part.setProduct(x, kernel)
            }
        }
    }

    /// `dkernel = x^T * dy`, `dbias` is the sum of the rows of `dy`, `dx = dy * kernel^T`.
    func backward() {
        guard let gradient = output.gradient else { return }
        let dy = Matrix(gradient, rows: output.rows, columns: output.channels)
        workers.forEachSlice(of: input.channels, grain: 64) { _, inputs in
            if let dkernel = kernel.gradient {
                Matrix(dkernel, rows: input.channels, columns: output.channels).rows(inputs)
                    .addProduct(x.columns(inputs).transposed, dy)
            }
            if let dx = input.gradient {
                Matrix(dx, rows: input.rows, columns: input.channels).columns(inputs)
                    .addProduct(dy, kernelMatrix.rows(inputs).transposed)
            }
        }
        if let dbias = bias?.gradient { dy.addRows(to: dbias) }
    }
}
