import CDNNL
import ComputeGraph
import HostMemory

extension PlanBuilder {
    /// Batch statistics on layouts with blocks of channels use this package's kernels; all else uses oneDNN's primitive.
    func batchNormalization(
        _ index: NodeID, _ settings: NormalizationSettings, _ fusion: inout Fusion
    ) throws -> (Memory, BackwardOfParts?) {
        let usesMovingStatistics = settings.isFrozen || !isTraining
        if !usesMovingStatistics, let normalization = try Normalization(index, settings, fusion, self) {
            normalization.addForward(to: self)
            return (normalization.output, { [unowned self] parts in try normalization.addBackward(parts, to: self) })
        }
        if let rectified = fusion.rectifiedInput { try add(rectified, Fusion()) }
        if !usesMovingStatistics, analyzed.mode.synchronizesStatistics {
            fusion.activation = nil
            return try synchronizedNormalization(index, settings)
        }
        let (output, backward) = try primitiveNormalization(
            index, settings, usesMovingStatistics: usesMovingStatistics, fusesReLU: fusion.activation != nil)
        return (output, { [unowned self] parts in try backward(total(parts, as: output.layout)) })
    }

    /// In plain loops: oneDNN's primitive does not let the sums travel.
    private func synchronizedNormalization(
        _ index: NodeID, _ settings: NormalizationSettings
    ) throws -> (Memory, BackwardOfParts?) {
        let node = graph[index], input = node.inputs[0]
        let source = try arranged(value(input), as: plainLayout(input))
        let output = try memory(plainLayout(index))
        let factors = try factors(of: node, settings)
        let channels = graph[factors.movingMean].shape.count, count = batchShape(of: index).count / channels
        let rows = RowNormalization(
            settings, rows: count, channels: channels,
            slices: .init(count: engine.threads) { [engine] body in
                engine.parallel { thread, threads in
                    body(thread, count * thread / threads..<count * (thread + 1) / threads)
                }
            })
        add([source, output]) { [exchange, parameters] in
            rows.measure(
                source.floats, moving: parameters.weightPointer(factors.movingMean),
                parameters.weightPointer(factors.movingVariance), shared: exchange.shared)
            for moved in [factors.movingMean, factors.movingVariance] { parameters.weightDidChange(moved) }
            rows.normalize(
                source.floats, gamma: factors.scale.floats, beta: factors.shift.floats, into: output.floats)
        }
        return (
            output,
            { [unowned self] parts in
                let gradient = try total(parts, as: plainLayout(index))
                let inputGradient = try needsGradient(input) ? memory(plainLayout(input)) : nil
                let trained = [factors.gamma, factors.beta].map { parameter in
                    parameter.flatMap { isTrainable($0) ? parameters.gradientPointer($0) : nil }
                }
                add([source, gradient] + [inputGradient].compactMap(\.self)) { [exchange] in
                    inputGradient?.floats.update(repeating: 0, count: count * channels)
                    rows.addGradients(
                        of: source.floats, gradient.floats, gamma: factors.scale.floats, into: inputGradient?.floats,
                        ofGamma: trained[0], ofBeta: trained[1], shared: exchange.shared)
                }
                if let inputGradient { contribute(inputGradient, to: input) }
            }
        )
    }

    private func primitiveNormalization(
        _ index: NodeID, _ settings: NormalizationSettings, usesMovingStatistics: Bool, fusesReLU: Bool
    ) throws -> (Memory, Backward) {
        let node = graph[index]
        let input = node.inputs[0]
        let factors = try factors(of: node, settings)
        let channels = graph[factors.movingMean].shape.count
        let perChannel = try Layout([channels], tag: dnnl_a)
        let flags = Primitives.NormalizationFlags(usesMovingStatistics: usesMovingStatistics, fusesReLU: fusesReLU)

        // oneDNN's loops go along the channels, unless they lie in planes: that is slow for an image in color.
        let isPlanar = isTraining && shape(of: input).rank == 3 && channels <= 4
        let source = try isPlanar ? arranged(value(input), as: planarLayout(input)) : value(input)
        let descriptor = try primitives.batchNormalization(
            training: isTraining, source: source.layout, epsilon: settings.epsilon, flags: flags)
        let output = try memory(source.layout)
        let mean = try usesMovingStatistics ? weights(factors.movingMean, perChannel) : memory(perChannel)
        let variance = try usesMovingStatistics ? weights(factors.movingVariance, perChannel) : memory(perChannel)
        var arguments: [(Argument, Memory)] = [
            (.source, source), (.destination, output), (.mean, mean), (.variance, variance),
            (.scale, factors.scale), (.shift, factors.shift),
        ]
        // The workspace records the elements that the ReLU let through.
        let workspaceLayout = try descriptor.workspace()
        let workspace = workspaceLayout.size > 0 ? try memory(workspaceLayout) : nil
        if let workspace { arguments.append((.workspace, workspace)) }
        try add(descriptor, arguments)

        if !usesMovingStatistics {
            let momentum = settings.momentum
            add([mean, variance]) { [parameters] in
                for (moving, batch) in [(factors.movingMean, mean), (factors.movingVariance, variance)] {
                    let moved = parameters.weightPointer(moving), batch = batch.floats
                    for c in 0..<channels { moved[c] = moved[c] * momentum + batch[c] * (1 - momentum) }
                    parameters.weightDidChange(moving)
                }
            }
        }

        return (
            output,
            { [unowned self] gradient in
                let descriptor = try primitives.batchNormalizationBackward(
                    gradient: gradient.layout, source: source.layout, epsilon: settings.epsilon, flags: flags,
                    hint: descriptor)
                let inputGradient = try memory(source.layout)
                // The primitive writes both gradients, even of a gamma or beta that is absent or frozen.
                let gradients = try [factors.gamma, factors.beta].map { parameter in
                    if let parameter, isTrainable(parameter) {
                        try weightsGradient(parameter, perChannel)
                    } else {
                        try memory(perChannel)
                    }
                }
                var arguments: [(Argument, Memory)] = [
                    (.source, source), (.destinationGradient, gradient), (.mean, mean), (.variance, variance),
                    (.scale, factors.scale), (.sourceGradient, inputGradient), (.scaleGradient, gradients[0]),
                    (.shiftGradient, gradients[1]),
                ]
                if onednn_normalization_gradient_takes_shift { arguments.append((.shift, factors.shift)) }
                if let workspace { arguments.append((.workspace, workspace)) }
                try add(descriptor, arguments)
                if needsGradient(input) { contribute(inputGradient, to: input) }
            }
        )
    }

    /// The parameters of a normalization, with ones for a missing gamma and zeros for a missing beta.
    func factors(of node: Graph.Node, _ settings: NormalizationSettings) throws -> NormalizationFactors {
        let gamma = settings.scale ? node.parameters[0] : nil
        let beta = settings.center ? node.parameters[settings.scale ? 1 : 0] : nil
        let channels = node.shape[node.shape.rank - 1]
        let perChannel = try Layout([channels], tag: dnnl_a)
        return NormalizationFactors(
            gamma: gamma, beta: beta,
            movingMean: node.parameters[node.parameters.count - 2],
            movingVariance: node.parameters[node.parameters.count - 1],
            scale: try gamma.map { try weights($0, perChannel) } ?? constant(1, count: channels),
            shift: try beta.map { try weights($0, perChannel) } ?? constant(0, count: channels))
    }
}

struct NormalizationFactors {
    let gamma, beta: ParameterID?
    let movingMean, movingVariance: ParameterID
    /// What channels are multiplied with, and what is added.
    let scale, shift: Memory
}
