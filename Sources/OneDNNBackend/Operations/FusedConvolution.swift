import CDNNL
import ComputeGraph

extension PlanBuilder {
    /// A convolution for inference, with the normalization, the sum and the ReLU after it.
    func fusedConvolution(
        _ index: NodeID, _ fusion: inout Fusion, _ geometry: Geometry, plainKernel: Layout, anyKernel: Layout
    ) throws -> Memory {
        let node = graph[index]
        let input = node.inputs[0]
        let filters = node.shape[2]
        let perFilter = try Layout([filters], tag: dnnl_a)

        var kernel = try weights(node.parameters[0], plainKernel)
        var bias = node.parameters.count > 1 ? try weights(node.parameters[1], perFilter) : nil
        if let normalization = fusion.normalization {
            (kernel, bias) = try folded(
                graph[normalization.node], normalization.settings, into: kernel, bias)
        }

        let (descriptor, addend) = try forwardConvolution(
            index, &fusion, kernel: anyKernel, bias: bias?.layout, geometry)
        if let factor = fusion.sum?.factor, factor != 1 {
            kernel = try scaled(kernel, by: factor)
            bias = try bias.map { try scaled($0, by: factor) }
        }
        let output = try memory(descriptor.destination())
        var arguments: [(Argument, Memory)] = [
            (.source, try arranged(value(input), as: descriptor.source())),
            (.weights, try packed(kernel, as: descriptor.weights())), (.destination, output),
        ]
        if let bias { arguments.append((.bias, bias)) }
        if let addend { arguments.append((.addend, addend)) }
        try add(descriptor, arguments)
        return output
    }

    /// A copy of weights, times a factor.
    private func scaled(_ weights: Memory, by factor: Float) throws -> Memory {
        let copy = try memory(weights.layout, in: Buffer(keeping: weights.layout.size))
        let count = weights.layout.size / 4
        whenWeightsChange {
            add([]) { for i in 0..<count { copy.floats[i] = weights.floats[i] * factor } }
        }
        return copy
    }

    /// The kernel and bias of a convolution that includes the normalization with moving statistics: `kernel * scale` and
    /// `(bias - mean) * scale + beta`, where `scale = gamma / sqrt(variance + epsilon)`.
    private func folded(
        _ normalization: Graph.Node, _ settings: NormalizationSettings, into kernel: Memory, _ bias: Memory?
    ) throws -> (Memory, Memory) {
        let filters = normalization.shape[normalization.shape.rank - 1]
        let rows = kernel.layout.size / 4 / filters
        let foldedKernel = try memory(kernel.layout, in: Buffer(keeping: kernel.layout.size))
        let perFilter = try Layout([filters], tag: dnnl_a)
        let foldedBias = try memory(perFilter, in: Buffer(keeping: perFilter.size))
        let factors = try factors(of: normalization, settings)
        let mean = parameters.weightPointer(factors.movingMean)
        let variance = parameters.weightPointer(factors.movingVariance)
        whenWeightsChange {
            add([]) {
                let gamma = factors.scale.floats, beta = factors.shift.floats
                let scales = (0..<filters).map { gamma[$0] / (variance[$0] + settings.epsilon).squareRoot() }
                for row in 0..<rows {
                    let from = kernel.floats + row * filters, to = foldedKernel.floats + row * filters
                    for filter in 0..<filters { to[filter] = from[filter] * scales[filter] }
                }
                for filter in 0..<filters {
                    foldedBias.floats[filter] =
                        ((bias?.floats[filter] ?? 0) - mean[filter]) * scales[filter] + beta[filter]
                }
            }
        }
        return (foldedKernel, foldedBias)
    }
}
