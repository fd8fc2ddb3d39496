import CDNNL
import ComputeGraph

extension PlanBuilder {
    func activation(_ index: NodeID, _ function: ActivationFunction) throws -> (Memory, Backward?) {
        switch function {
        case .linear: try identity(index)
        case .softmax: try softmax(index)
        case .relu: try elementwise(index, dnnl_eltwise_relu)
        case .sigmoid: try elementwise(index, dnnl_eltwise_logistic)
        case .tanh: try elementwise(index, dnnl_eltwise_tanh)
        case .elu(let alpha): try elementwise(index, dnnl_eltwise_elu, alpha: alpha)
        }
    }

    /// The input, unchanged.
    func identity(_ index: NodeID) throws -> (Memory, Backward?) {
        let input = graph[index].inputs[0]
        return (try value(input), { [unowned self] gradient in contribute(gradient, to: input) })
    }

    private func elementwise(
        _ index: NodeID, _ algorithm: dnnl_alg_kind_t, alpha: Float = 0
    ) throws -> (Memory, Backward?) {
        let input = graph[index].inputs[0]
        let source = try value(input)
        let output = try memory(source.layout)
        let descriptor = try primitives.elementwise(
            algorithm, alpha: alpha, training: isTraining, source: source.layout)
        try add(descriptor, [(.source, source), (.destination, output)])
        return (
            output,
            { [unowned self] gradient in
                let descriptor = try primitives.elementwiseBackward(
                    algorithm, alpha: alpha, gradient: gradient.layout, source: source.layout, hint: descriptor)
                let inputGradient = try memory(source.layout)
                try add(
                    descriptor,
                    [(.source, source), (.destinationGradient, gradient), (.sourceGradient, inputGradient)])
                contribute(inputGradient, to: input)
            }
        )
    }

    private func softmax(_ index: NodeID) throws -> (Memory, Backward?) {
        let input = graph[index].inputs[0]
        let source = try value(input)
        let output = try memory(source.layout)
        let descriptor = try primitives.softmax(training: isTraining, source: source.layout)
        try add(descriptor, [(.source, source), (.destination, output)])
        return (
            output,
            { [unowned self] gradient in
                let descriptor = try primitives.softmaxBackward(
                    gradient: gradient.layout, destination: output.layout, hint: descriptor)
                let inputGradient = try memory(output.layout)
                try add(
                    descriptor,
                    [(.destination, output), (.destinationGradient, gradient), (.sourceGradient, inputGradient)])
                contribute(inputGradient, to: input)
            }
        )
    }
}
