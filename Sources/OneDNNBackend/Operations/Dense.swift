import CDNNL
import ComputeGraph

extension PlanBuilder {
    /// Acts on the last axis. All other axes count as rows.
    func dense(_ index: NodeID) throws -> (Memory, Backward?) {
        let node = graph[index]
        let input = node.inputs[0]
        let kernel = node.parameters[0]
        let bias = node.parameters.count > 1 ? node.parameters[1] : nil
        let shape = graph[kernel].shape
        let rows = batchSize * self.shape(of: input).count / shape[0]

        let sourceLayout = try Layout([rows, shape[0]], tag: dnnl_ab)
        let destinationLayout = try Layout([rows, shape[1]], tag: dnnl_ab)
        let plainKernel = try Layout([shape[1], shape[0]], tag: dnnl_ba)  // [in, units] in memory
        let biasLayout = try bias.map { _ in try Layout([shape[1]], tag: dnnl_a) }

        let plainSource = try arranged(value(input), as: plainLayout(input))
        let source = try memory(sourceLayout, in: plainSource.buffer)
        let output = try memory(plainLayout(index))
        let descriptor = try primitives.dense(
            training: isTraining, source: sourceLayout, weights: plainKernel, bias: biasLayout,
            destination: destinationLayout)
        let kernelMemory = try weights(kernel, plainKernel)
        var arguments: [(Argument, Memory)] = [
            (.source, source), (.weights, kernelMemory),
            (.destination, try memory(destinationLayout, in: output.buffer)),
        ]
        if let bias, let biasLayout { arguments.append((.bias, try weights(bias, biasLayout))) }
        try add(descriptor, arguments)

        return (
            output,
            { [unowned self] gradient in
                let gradientRows = try memory(destinationLayout, in: gradient.buffer)
                let trains = isTrainable(kernel)
                if trains || bias.map(isTrainable) == true {
                    let descriptor = try primitives.denseBackwardWeights(
                        source: sourceLayout, weightsGradient: plainKernel, biasGradient: biasLayout,
                        destinationGradient: destinationLayout, hint: descriptor)
                    var arguments: [(Argument, Memory)] = [
                        (.source, source), (.destinationGradient, gradientRows),
                        (.weightsGradient, try trains ? weightsGradient(kernel, plainKernel) : memory(plainKernel)),
                    ]
                    if let bias, let biasLayout {
                        arguments.append((.biasGradient, try weightsGradient(bias, biasLayout)))
                    }
                    try add(descriptor, arguments)
                }
                if needsGradient(input) {
                    let descriptor = try primitives.denseBackwardData(
                        sourceGradient: sourceLayout, weights: plainKernel, destinationGradient: destinationLayout,
                        hint: descriptor)
                    let inputGradient = try memory(plainLayout(input))
                    try add(
                        descriptor,
                        [
                            (.destinationGradient, gradientRows), (.weights, kernelMemory),
                            (.sourceGradient, try memory(sourceLayout, in: inputGradient.buffer)),
                        ])
                    contribute(inputGradient, to: input)
                }
            }
        )
    }
}
