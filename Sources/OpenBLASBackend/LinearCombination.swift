import ComputeGraph

/// The sum of the inputs, each times its factor.
final class LinearCombination: Kernel {
    private let factors: [Float]
    private let inputs: [Signal], output: Signal
    private let workers: Workers

    init(_ factors: [Float], inputs: [Signal], output: Signal, context: KernelContext) {
        self.factors = factors
        self.inputs = inputs
        self.output = output
        workers = context.workers
    }

    func forward() {
        let y = output.values
        workers.forEachSlice(ofElements: output.count) { elements in
            for (k, (factor, input)) in zip(factors, inputs).enumerated() {
                let x = input.values
                if k == 0 {
                    for i in elements { y[i] = factor * x[i] }
                } else {
                    for i in elements { y[i] += factor * x[i] }
                }
            }
        }
    }

    /// An input that appears twice gets both parts.
    func backward() {
        guard let dy = output.gradient else { return }
        workers.forEachSlice(ofElements: output.count) { elements in
            for (factor, input) in zip(factors, inputs) {
                guard let dx = input.gradient else { continue }
                for i in elements { dx[i] += factor * dy[i] }
            }
        }
    }
}
