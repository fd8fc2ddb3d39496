import CDNNL
import ComputeGraph
import HostMemory

extension PlanBuilder {
    func activation(_ index: NodeID, _ function: ActivationFunction) throws -> (Memory, Backward?) {
        switch function {
        case .linear: try identity(index)
        case .softmax: try softmax(index)
        case .relu: try elementwise(index, dnnl_eltwise_relu)
        case .rectifier(maxValue: nil, let negativeSlope, threshold: 0):
            try elementwise(index, dnnl_eltwise_relu, alpha: negativeSlope)
        case .rectifier(.some(let maxValue), negativeSlope: 0, threshold: 0):
            try elementwise(index, dnnl_eltwise_clip_v2, beta: maxValue)
        case .sigmoid: try elementwise(index, dnnl_eltwise_logistic)
        case .tanh: try elementwise(index, dnnl_eltwise_tanh)
        case .elu(let alpha): try elementwise(index, dnnl_eltwise_elu, alpha: alpha)
        case .silu: try elementwise(index, dnnl_eltwise_swish, alpha: 1)
        case .gelu(approximate: false): try elementwise(index, dnnl_eltwise_gelu_erf)
        case .gelu(approximate: true): try elementwise(index, dnnl_eltwise_gelu_tanh)
        case .hardSilu: try elementwise(index, dnnl_eltwise_hardswish, alpha: 1 / 6, beta: 0.5)
        // oneDNN lacks these or, of some, the accuracy: its softplus may be negative, its log-softmax positive.
        case .rectifier, .selu, .celu, .mish, .softplus, .softsign, .exponential, .hardSigmoid, .logSoftmax:
            try shared(index, function.kernel(batchShape(of: index)))
        }
    }

    /// The input, unchanged.
    func identity(_ index: NodeID) throws -> (Memory, Backward?) {
        let input = graph[index].inputs[0]
        return (try value(input), { [unowned self] gradient in contribute(gradient, to: input) })
    }

    private func elementwise(
        _ index: NodeID, _ algorithm: dnnl_alg_kind_t, alpha: Float = 0, beta: Float = 0
    ) throws -> (Memory, Backward?) {
        let input = graph[index].inputs[0]
        let source = try value(input)
        let output = try memory(source.layout)
        let descriptor = try primitives.elementwise(
            algorithm, alpha: alpha, beta: beta, training: isTraining, source: source.layout)
        try add(descriptor, [(.source, source), (.destination, output)])
        return (
            output,
            { [unowned self] gradient in
                let descriptor = try primitives.elementwiseBackward(
                    algorithm, alpha: alpha, beta: beta, gradient: gradient.layout, source: source.layout,
                    hint: descriptor)
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
