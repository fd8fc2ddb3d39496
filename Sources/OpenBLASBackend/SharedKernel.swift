import HostMemory

/// A kernel that all CPU backends share, with its work divided between threads.
final class SharedKernel: Kernel {
    private let kernel: any HostKernel
    private let inputs: [Signal], output: Signal
    private let weights: [Weights]
    private let values: HostValues
    private let workers: Workers

    init(_ kernel: any HostKernel, inputs: [Signal], output: Signal, weights: [Weights], context: KernelContext) {
        self.kernel = kernel
        self.inputs = inputs
        self.output = output
        self.weights = weights
        values = HostValues(inputs: inputs.map(\.values), parameters: weights.map(\.values), output: output.values)
        workers = context.workers
    }

    func forward() {
        workers.forEachSlice(of: kernel.units, grain: kernel.grain) { _, units in
            kernel.forward(values, units: units)
        }
    }

    func backward() {
        guard let dy = output.gradient else { return }
        let gradients = HostGradients(
            output: dy, inputs: inputs.map(\.gradient), parameters: weights.map(\.gradient))
        workers.forEachSlice(of: kernel.units, grain: kernel.grain) { _, units in
            kernel.addInputGradients(values, gradients, units: units)
        }
        kernel.addParameterGradients(values, gradients)
    }
}
