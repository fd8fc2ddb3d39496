import ComputeGraph

/// The sum of the inputs, element by element.
final class Addition: Kernel {
    private let inputs: [Signal], output: Signal
    private let workers: Workers

    init(inputs: [Signal], output: Signal, context: KernelContext) {
        self.inputs = inputs
        self.output = output
        workers = context.workers
    }

    func forward() {
        workers.forEachSlice(ofElements: output.count) { elements in
            let first = elements.lowerBound
            (output.values + first).update(from: inputs[0].values + first, count: elements.count)
            for input in inputs.dropFirst() {
                add(input.values + first, to: output.values + first, count: elements.count)
            }
        }
    }

    /// Every input gets the whole gradient. An input that appears twice gets it twice.
    func backward() {
        guard let dy = output.gradient else { return }
        workers.forEachSlice(ofElements: output.count) { elements in
            let first = elements.lowerBound
            for input in inputs {
                guard let dx = input.gradient else { continue }
                add(dy + first, to: dx + first, count: elements.count)
            }
        }
    }
}
