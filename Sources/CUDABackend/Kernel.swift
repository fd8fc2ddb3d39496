import ComputeGraph
import Tensors

/// A node's operation, bound to the memory of a plan.
protocol Kernel: AnyObject {
    /// Enqueues the computation of the output's values from the inputs' values.
    func forward() throws
    /// Enqueues the computation of the gradients of the inputs and parameters from the output's gradient. Gradients of
    /// parameters are added to what is there; for an input's, ``Signal/addsToGradient()`` decides.
    func backward() throws
}

/// What the kernels of a plan share.
struct KernelContext {
    let device: Device
    let precision: Precision
    /// Whether kernels use batch statistics and dropout, or moving statistics and no dropout.
    let isTraining: Bool
    let module: KernelModule
    let scratch: Scratch
    let packed: PackedKernels
    /// The random numbers of the step, for dropout: a `GPUStepNumbers`.
    let stepNumbers: DeviceAddress
}

extension Bool {
    /// As kernels take it.
    var flag: Int32 { self ? 1 : 0 }
}

/// Creates the kernel of `operation`, bound to its memory.
///
/// - Parameter relu: whether a ReLU follows, which the kernel computes with it.
/// - Throws: ``BackendError`` if there is not enough memory, or if a library does not compute the operation.
func makeKernel(
    _ operation: Operation, node: NodeID, inputs: [Signal], output: Signal, weights: [Weights], relu: Bool,
    context: KernelContext
) throws -> any Kernel {
    switch operation {
    case .input: InputKernel()
    case .conv2D(let window, _, let groups, let useBias):
        try makeConvolution(
            window, groups: groups, input: inputs[0], output: output, kernel: weights[0],
            bias: useBias ? Bias(weights[1], output: output, relu: relu, context: context) : nil, context: context)
    case .depthwiseConv2D(let window, let multiplier, let useBias):
        DepthwiseConvolution(
            window, multiplier: multiplier, input: inputs[0], output: output, kernel: weights[0],
            bias: useBias ? Bias(weights[1], output: output, relu: relu, context: context) : nil, context: context)
    case .dense(_, let useBias):
        Dense(
            input: inputs[0], output: output, kernel: weights[0],
            bias: useBias ? Bias(weights[1], output: output, relu: relu, context: context) : nil, context: context)
    case .batchNormalization(let settings):
        try BatchNormalization(
            settings, input: inputs[0], output: output, weights: weights, relu: relu, context: context)
    case .activation(.softmax): Softmax(input: inputs[0], output: output, isLogarithm: false, context: context)
    case .activation(.logSoftmax): Softmax(input: inputs[0], output: output, isLogarithm: true, context: context)
    case .activation(let function): Activation(function, input: inputs[0], output: output, context: context)
    case .prelu(let alpha):
        try PReLU(alpha: alpha, input: inputs[0], output: output, weight: weights[0], context: context)
    case .rescale(let settings): try Scaling(settings, input: inputs[0], output: output, context: context)
    case .normalize(let invert):
        Standardization(invert: invert, input: inputs[0], output: output, weights: weights, context: context)
    case .maxPooling2D(let window): try MaxPooling(window, input: inputs[0], output: output, context: context)
    case .averagePooling2D(let window): AveragePooling(window, input: inputs[0], output: output, context: context)
    case .globalAveragePooling2D: GlobalAveragePooling(input: inputs[0], output: output, context: context)
    case .globalMaxPooling2D: GlobalMaxPooling(input: inputs[0], output: output, context: context)
    case .localResponseNormalization(let depthRadius, let bias, let alpha, let beta):
        LocalResponseNormalization(
            depthRadius: depthRadius, bias: bias, alpha: alpha, beta: beta, input: inputs[0], output: output,
            context: context)
    case .concatenate: Concatenation(inputs: inputs, output: output, context: context)
    case .add: LinearCombination(inputs.map { _ in 1 }, inputs: inputs, output: output, context: context)
    case .linearCombination(let factors):
        LinearCombination(factors, inputs: inputs, output: output, context: context)
    case .multiply: try Multiplication(inputs: inputs, output: output, context: context)
    case .maximum: try Extremum(isLargest: true, inputs: inputs, output: output, context: context)
    case .minimum: try Extremum(isLargest: false, inputs: inputs, output: output, context: context)
    case .zeroPadding2D(let top, _, let left, _):
        MovedImage(top: top, left: left, input: inputs[0], output: output, context: context)
    case .cropping2D(let top, _, let left, _):
        MovedImage(top: -top, left: -left, input: inputs[0], output: output, context: context)
    case .upSampling2D(let size, let kind):
        Enlargement(size, kind, input: inputs[0], output: output, context: context)
    case .dropout(let rate):
        if context.isTraining, rate > 0 {
            Dropout(rate: rate, node: node, input: inputs[0], output: output, context: context)
        } else {
            LinearCombination([1], inputs: inputs, output: output, context: context)
        }
    case .flatten, .reshape:
        // Images are already in row-major order over height, width, channels.
        LinearCombination([1], inputs: inputs, output: output, context: context)
    }
}

/// An input has nothing to compute.
private final class InputKernel: Kernel {
    func forward() {}
    func backward() {}
}
