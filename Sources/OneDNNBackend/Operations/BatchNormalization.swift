import CDNNL
import ComputeGraph

extension PlanBuilder {
    /// Batch statistics on layouts with blocks of channels use this package's kernels; all else uses oneDNN's primitive.
    func batchNormalization(
        _ index: Int, epsilon: Float, momentum: Float, isFrozen: Bool, _ fusion: Fusion
    ) throws -> (Memory, BackwardOfParts?) {
        let usesMovingStatistics = isFrozen || !isTraining
        if !usesMovingStatistics,
            let normalization = try Normalization(index, epsilon: epsilon, momentum: momentum, fusion, self)
        {
            normalization.addForward(to: self)
            return (normalization.output, { [unowned self] parts in try normalization.addBackward(parts, to: self) })
        }
        if let rectified = fusion.rectifiedInput { try add(rectified, Fusion()) }
        let (output, backward) = try primitiveNormalization(
            index, epsilon: epsilon, momentum: momentum, usesMovingStatistics: usesMovingStatistics,
            fusesReLU: fusion.activation != nil)
        return (output, { [unowned self] parts in try backward(total(parts, as: output.layout)) })
    }

    private func primitiveNormalization(
        _ index: Int, epsilon: Float, momentum: Float, usesMovingStatistics: Bool, fusesReLU: Bool
    ) throws -> (Memory, Backward) {
        let node = graph.nodes[index]
        let input = node.inputs[0]
        let (gamma, beta, movingMean, movingVariance) = (
            node.parameters[0], node.parameters[1], node.parameters[2], node.parameters[3]
        )
        let channels = graph.parameters[gamma].shape.count
        let perChannel = try Layout([channels], tag: dnnl_a)
        let flags = Primitives.NormalizationFlags(usesMovingStatistics: usesMovingStatistics, fusesReLU: fusesReLU)

        let source = try value(input)
        let descriptor = try primitives.batchNormalization(
            training: isTraining, source: source.layout, epsilon: epsilon, flags: flags)
        let output = try memory(source.layout)
        let mean = try usesMovingStatistics ? weights(movingMean, perChannel) : memory(perChannel)
        let variance = try usesMovingStatistics ? weights(movingVariance, perChannel) : memory(perChannel)
        let scale = try weights(gamma, perChannel)
        let shift = try weights(beta, perChannel)
        var arguments: [(Argument, Memory)] = [
            (.source, source), (.destination, output), (.mean, mean), (.variance, variance), (.scale, scale),
            (.shift, shift),
        ]
        // The workspace records the elements that the ReLU let through.
        let workspaceLayout = try descriptor.workspace()
        let workspace = workspaceLayout.size > 0 ? try memory(workspaceLayout) : nil
        if let workspace { arguments.append((.workspace, workspace)) }
        try add(descriptor, arguments)

        if !usesMovingStatistics {
            add([mean, variance]) { [parameters] in
                let moving = (parameters.weightPointer(movingMean), parameters.weightPointer(movingVariance))
                let batch = (mean.floats, variance.floats)
                for c in 0..<channels {
                    moving.0[c] = moving.0[c] * momentum + batch.0[c] * (1 - momentum)
                    moving.1[c] = moving.1[c] * momentum + batch.1[c] * (1 - momentum)
                }
                parameters.weightsDidChange()
            }
        }

        return (
            output,
            { [unowned self] gradient in
                let descriptor = try primitives.batchNormalizationBackward(
                    gradient: gradient.layout, source: source.layout, epsilon: epsilon, flags: flags, hint: descriptor)
                let inputGradient = try memory(source.layout)
                // The primitive writes both gradients, even if gamma or beta is not trainable.
                let gradients = try [gamma, beta].map {
                    try isTrainable($0) ? weightsGradient($0, perChannel) : memory(perChannel)
                }
                var arguments: [(Argument, Memory)] = [
                    (.source, source), (.destinationGradient, gradient), (.mean, mean), (.variance, variance),
                    (.scale, scale), (.sourceGradient, inputGradient), (.scaleGradient, gradients[0]),
                    (.shiftGradient, gradients[1]),
                ]
                if onednn_normalization_gradient_takes_shift { arguments.append((.shift, shift)) }
                if let workspace { arguments.append((.workspace, workspace)) }
                try add(descriptor, arguments)
                if needsGradient(input) { contribute(inputGradient, to: input) }
            }
        )
    }
}
