import CDNNL
import ComputeGraph

extension PlanBuilder {
    func convolution(
        _ index: NodeID, _ window: SlidingWindow, groups: Int, _ fusion: inout Fusion
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
            let output = try fusedConvolution(index, &fusion, geometry, plainKernel: plainKernel, anyKernel: anyKernel)
            return (output, nil)
        }

        let source = try value(input)
        let (descriptor, addend) = try forwardConvolution(
            index, &fusion, kernel: anyKernel, bias: biasLayout, geometry)
        let packedKernel = try packedWeights(kernel, plainKernel, as: descriptor.weights())
        let output = try memory(descriptor.destination())
        var arguments: [(Argument, Memory)] = [
            (.source, try arranged(source, as: descriptor.source())), (.weights, packedKernel), (.destination, output),
        ]
        if let bias, let biasLayout { arguments.append((.bias, try weights(bias, biasLayout))) }
        if let addend { arguments.append((.addend, addend)) }
        try add(descriptor, arguments)

        return (
            output,
            { [unowned self, sum = fusion.sum] gradient in
                if let sum, needsGradient(sum.addend) { contribute(gradient, to: sum.addend) }
                let trains = isTrainable(kernel)
                if trains || bias.map(isTrainable) == true {
                    let descriptor = try primitives.convolutionBackwardWeights(
                        source: anyLayout(input), weightsGradient: anyKernel, biasGradient: biasLayout,
                        destinationGradient: anyLayout(index), geometry, hint: descriptor)
                    let chosen = try descriptor.weightsGradient()
                    let isPlain = chosen == plainKernel && trains
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
                    if trains, !isPlain {
                        try add(
                            primitives.reorder(from: chosen, to: plainKernel),
                            [(.source, kernelGradient), (.destination, try weightsGradient(kernel, plainKernel))])
                    }
                }
                if needsGradient(input) {
                    // In blocks, the gradient of an image in color is at least four times as large as it should be. With
                    // planes, oneDNN multiplies matrices, which takes half the time.
                    let isPlanar = channels <= 4 && groups == 1
                    let descriptor = try primitives.convolutionBackwardData(
                        sourceGradient: isPlanar ? planarLayout(input) : anyLayout(input), weights: anyKernel,
                        destinationGradient: isPlanar ? planarLayout(index) : anyLayout(index), geometry,
                        hint: descriptor)
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

    /// The primitive that computes a convolution and what is fused with it, and the addend of a fused sum.
    ///
    /// The sum is removed from `fusion` if the addend has another layout, or if oneDNN would compute the convolution in
    /// another way for its sake: its Winograd kernels, for one, do not read an addend.
    func forwardConvolution(
        _ index: NodeID, _ fusion: inout Fusion, kernel: Layout, bias: Layout?, _ geometry: Geometry
    ) throws -> (PrimitiveDescriptor, addend: Memory?) {
        func descriptor(_ fusion: Fusion, adding addend: Layout? = nil) throws -> PrimitiveDescriptor {
            try primitives.convolution(
                training: isTraining, source: anyLayout(graph[index].inputs[0]), weights: kernel, bias: bias,
                destination: anyLayout(index), geometry,
                finish: .init(addend: addend, rectifies: fusion.activation != nil))
        }
        let separate = try descriptor(fusion.beforeSum)
        if let sum = fusion.sum {
            let addend = try value(sum.addend)
            if try addend.layout == separate.destination(),
                let together = try? descriptor(fusion, adding: addend.layout),
                try together.destination() == addend.layout,
                try together.implementation() == separate.implementation()
            {
                return (together, addend)
            }
            fusion = fusion.beforeSum
        }
        return (separate, nil)
    }
}
