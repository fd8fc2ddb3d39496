import ComputeGraph

/// The inputs side by side along the last axis.
final class Concatenation: Kernel {
    private let inputs: [Signal], output: Signal
    private let workers: Workers

    init(inputs: [Signal], output: Signal, context: KernelContext) {
        self.inputs = inputs
        self.output = output
        workers = context.workers
    }

    func forward() {
        forEachPart { input, row, column in
            (output.values + row * output.channels + column)
                .update(from: input.values + row * input.channels, count: input.channels)
        }
    }

    func backward() {
        guard let dy = output.gradient else { return }
        forEachPart { input, row, column in
            guard let dx = input.gradient else { return }
            add(dy + row * output.channels + column, to: dx + row * input.channels, count: input.channels)
        }
    }

    /// Calls `body` with every row of every input and the column of the output where it starts.
    private func forEachPart(_ body: (_ input: Signal, _ row: Int, _ column: Int) -> Void) {
        workers.forEachSlice(of: output.rows, grain: 64) { _, rows in
            var column = 0
            for input in inputs {
                for row in rows { body(input, row, column) }
                column += input.channels
            }
        }
    }
}
