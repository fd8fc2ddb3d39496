import CDNNL
import ComputeGraph

extension PlanBuilder {
    func convolution(
        _ index: NodeID, _ window: SlidingWindow, groups: Int, _ fusion: Fusion
    ) throws -> (Memory, Backward?) {
        let node = graph[index]
        let input = node.inputs[0]
        let kernel = node.parameters[0]
        let bias = node.parameters.count > 1 ? node.parameters[1] : nil
        let geometry = Geometry(window, over: Size2D(shape(of: input)[0], shape(of: input)[1]))

        let (channels, filters) = (shape(of: input)[2], shape(of: index)[2])
        let (height, width) = (window.kernel.height, window.kernel.width)
        // [kh, kw, in, filters] in memory, or [kh, kw, in / groups, groups, filters / groups].
        let kernelDimensions =
            groups == 1
            ? [filters, channels, height, width] : [groups, filters / groups, channels / groups, height, width]
        let plainKernel = try Layout(kernelDimensions, tag: groups == 1 ? dnnl_cdba : dnnl_decab)
        let anyKernel = try Layout(kernelDimensions, tag: dnnl_format_tag_any)
        let biasLayout = try bias.map { _ in try Layout([filters], tag: dnnl_a) }
        guard isTraining else {
            let output = try fusedConvolution(index, fusion, geometry, plainKernel: plainKernel, anyKernel: anyKernel)
            return (output, nil)
        }

        let source = try value(input)
        let descriptor = try primitives.convolution(
            training: isTraining, source: anyLayout(input), weights: anyKernel, bias: biasLayout,
            destination: anyLayout(index), geometry)
        let packedKernel = try packedWeights(kernel, plainKernel, as: descriptor.weights())
        let output = try memory(descriptor.destination())
        var arguments: [(Argument, Memory)] = [
            (.source, try arranged(source, as: descriptor.source())), (.weights, packedKernel), (.destination, output),
        ]
        if let bias, let biasLayout { arguments.append((.bias, try weights(bias, biasLayout))) }
        try add(descriptor, arguments)

        return (
            output,
            { [unowned self] gradient in
                if isTrainable(kernel) {
                    let descriptor = try primitives.convolutionBackwardWeights(
                        source: anyLayout(input), weightsGradient: anyKernel, biasGradient: biasLayout,
                        destinationGradient: anyLayout(index), geometry, hint: descriptor)
                    let chosen = try descriptor.weightsGradient()
                    let isPlain = chosen == plainKernel
                    let kernelGradient = try isPlain ? weightsGradient(kernel, plainKernel) : memory(chosen)
                    var arguments: [(Argument, Memory)] = [
                        (.source, try arranged(source, as: descriptor.source())),
                        (.destinationGradient, try arranged(gradient, as: descriptor.destinationGradient())),
                        (.weightsGradient, kernelGradient),
                    ]
                    if let bias, let biasLayout {
                        arguments.append((.biasGradient, try weightsGradient(bias, biasLayout)))
                    }
                    try add(descriptor, arguments)
                    if !isPlain {
                        try add(
                            primitives.reorder(from: chosen, to: plainKernel),
                            [(.source, kernelGradient), (.destination, try weightsGradient(kernel, plainKernel))])
                    }
                }
                if needsGradient(input) {
                    let descriptor = try primitives.convolutionBackwardData(
                        sourceGradient: anyLayout(input), weights: anyKernel, destinationGradient: anyLayout(index),
                        geometry, hint: descriptor)
                    let chosen = try descriptor.weights()
                    let kernelMemory =
                        chosen == packedKernel.layout
                        ? packedKernel : try packedWeights(kernel, plainKernel, as: chosen)
                    let inputGradient = try memory(descriptor.sourceGradient())
                    try add(
                        descriptor,
                        [
                            (.destinationGradient, try arranged(gradient, as: descriptor.destinationGradient())),
                            (.weights, kernelMemory), (.sourceGradient, inputGradient),
                        ])
                    contribute(inputGradient, to: input)
                }
            }
        )
    }
}
