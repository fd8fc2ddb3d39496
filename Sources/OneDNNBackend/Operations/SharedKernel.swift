import CDNNL
import ComputeGraph
import HostMemory

extension PlanBuilder {
    /// A kernel that all CPU backends share, on plain layouts, with its work divided between oneDNN's threads.
    func shared(_ index: NodeID, _ kernel: any HostKernel) throws -> (Memory, Backward?) {
        let node = graph[index]
        let sources = try node.inputs.map { try arranged(value($0), as: plainLayout($0)) }
        let output = try memory(plainLayout(index))
        let weights = node.parameters.map { parameters.weightPointer($0) }
        func values() -> HostValues {
            HostValues(inputs: sources.map(\.floats), parameters: weights, output: output.floats)
        }
        add(sources + [output]) { [engine] in
            let values = values()
            engine.forEachPart(of: kernel.units, grain: kernel.grain) { kernel.forward(values, units: $0) }
        }
        return (
            output,
            { [unowned self] gradient in
                let gradients = try node.inputs.map { try needsGradient($0) ? memory(plainLayout($0)) : nil }
                let trained = node.parameters.map { isTrainable($0) ? parameters.gradientPointer($0) : nil }
                let counts = node.inputs.map { batchShape(of: $0).count }
                let kept = gradients.compactMap(\.self)
                add(sources + [output, gradient] + kept) { [engine] in
                    // Kernels add to gradients.
                    for (gradient, count) in zip(gradients, counts) {
                        gradient?.floats.update(repeating: 0, count: count)
                    }
                    let values = values()
                    let sums = HostGradients(
                        output: gradient.floats, inputs: gradients.map { $0?.floats }, parameters: trained)
                    engine.forEachPart(of: kernel.units, grain: kernel.grain) {
                        kernel.addInputGradients(values, sums, units: $0)
                    }
                    kernel.addParameterGradients(values, sums)
                }
                for (input, gradient) in zip(node.inputs, gradients) {
                    if let gradient { contribute(gradient, to: input) }
                }
            }
        )
    }
}
