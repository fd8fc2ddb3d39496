import ComputeGraph
import HostMemory
import Tensors

/// A node's operation, bound to the memory of a plan.
protocol Kernel: AnyObject {
    /// Computes the values of the output from the values of the inputs.
    func forward()
    /// Computes the gradients of the inputs and parameters from the gradient of the output, and *adds* them to their
    /// memory if they have any. So a node with several consumers gets the sum of their gradients.
    func backward()
}

/// What the kernels of a plan share.
struct KernelContext {
    /// Whether kernels use batch statistics and dropout, or moving statistics and no dropout.
    let isTraining: Bool
    let workers: Workers
    let scratch: Scratch
    let step: CurrentStep
    /// Whether the statistics of normalizations are those of all processes' batches.
    let synchronizesStatistics: Bool
}

/// What the current step brings.
final class CurrentStep {
    var dropout: DropoutNumbers?
    /// The step of all processes that this is a part of.
    var shared: (any SharedStep)?
}

/// Creates the kernel of `operation`, bound to its memory; nil for an input, which has nothing to compute.
///
/// - Throws: `BackendError` if there is not enough memory.
func makeKernel(
    _ operation: Operation, node: NodeID, inputs: [Signal], output: Signal, weights: [Weights], context: KernelContext
) throws -> (any Kernel)? {
    func shared(_ kernel: any HostKernel) -> any Kernel {
        SharedKernel(kernel, inputs: inputs, output: output, weights: weights, context: context)
    }
    return switch operation {
    case .input:
        nil
    case .conv2D(let window, _, let groups, let useBias):
        try Convolution(
            window, groups: groups, input: inputs[0], output: output, kernel: weights[0],
            bias: useBias ? weights[1] : nil, context: context)
    case .depthwiseConv2D(let window, let multiplier, let useBias):
        try DepthwiseConvolution(
            window, multiplier: multiplier, input: inputs[0], output: output, kernel: weights[0],
            bias: useBias ? weights[1] : nil, context: context)
    case .batchNormalization(let settings):
        try BatchNormalization(settings, input: inputs[0], output: output, weights: weights, context: context)
    case .activation(let function):
        shared(function.kernel(output.shape))
    case .prelu(let alpha):
        shared(PReLU(alpha: alpha, output.shape))
    case .rescale(let settings):
        shared(Scaling(settings, output.shape))
    case .normalize(let invert):
        shared(Standardization(invert: invert, output.shape))
    case .maxPooling2D(let window):
        MaxPooling(window, input: inputs[0], output: output, context: context)
    case .averagePooling2D(let window):
        AveragePooling(window, input: inputs[0], output: output, context: context)
    case .globalAveragePooling2D:
        GlobalAveragePooling(input: inputs[0], output: output, context: context)
    case .globalMaxPooling2D:
        shared(GlobalMaxPooling(inputs[0].shape))
    case .localResponseNormalization(let depthRadius, let bias, let alpha, let beta):
        try LocalResponseNormalization(
            depthRadius: depthRadius, bias: bias, alpha: alpha, beta: beta, input: inputs[0], output: output,
            context: context)
    case .concatenate:
        Concatenation(inputs: inputs, output: output, context: context)
    case .add:
        LinearCombination(inputs.map { _ in 1 }, inputs: inputs, output: output, context: context)
    case .linearCombination(let factors):
        LinearCombination(factors, inputs: inputs, output: output, context: context)
    case .multiply:
        shared(Multiplication(inputs.map(\.shape), output.shape))
    case .maximum:
        shared(Extremum(isLargest: true, inputs.map(\.shape), output.shape))
    case .minimum:
        shared(Extremum(isLargest: false, inputs.map(\.shape), output.shape))
    case .zeroPadding2D(let top, _, let left, _):
        ZeroPadding(top: top, left: left, input: inputs[0], output: output, context: context)
    case .cropping2D(let top, _, let left, _):
        shared(Cropping(top: top, left: left, inputs[0].shape, output.shape))
    case .upSampling2D(let size, let kind):
        shared(Enlargement(size, kind, inputs[0].shape, output.shape))
    case .dropout(let rate):
        if context.isTraining, rate > 0 {
            Dropout(rate: rate, node: node, input: inputs[0], output: output, context: context)
        } else {
            Identity(input: inputs[0], output: output, context: context)
        }
    case .flatten, .reshape:
        // Images are already in row-major order over height, width, channels.
        Identity(input: inputs[0], output: output, context: context)
    case .dense(_, let useBias):
        Dense(
            input: inputs[0], output: output, kernel: weights[0], bias: useBias ? weights[1] : nil, context: context)
    }
}

/// Copies the elements, perhaps to another shape.
final class Identity: Kernel {
    private let input: Signal, output: Signal
    private let workers: Workers

    init(input: Signal, output: Signal, context: KernelContext) {
        self.input = input
        self.output = output
        workers = context.workers
    }

    func forward() { output.values.update(from: input.values, count: output.count) }

    func backward() {
        guard let dy = output.gradient, let dx = input.gradient else { return }
        workers.forEachSlice(ofElements: output.count) { elements in
            add(dy + elements.lowerBound, to: dx + elements.lowerBound, count: elements.count)
        }
    }
}
