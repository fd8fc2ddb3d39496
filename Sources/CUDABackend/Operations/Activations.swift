import CGPUKernels
import ComputeGraph
import Tensors

extension ActivationFunction {
    /// The function's number and its settings, as kernels take them.
    fileprivate var arguments: (function: Int32, a: Float, b: Float, c: Float) {
        func function(_ number: Int, _ a: Float = 0, _ b: Float = 0, _ c: Float = 0) -> (Int32, Float, Float, Float) {
            (Int32(number), a, b, c)
        }
        return switch self {
        // Softmax has kernels of its own.
        case .linear, .softmax, .logSoftmax: function(GPU_LINEAR)
        case .relu: function(GPU_RELU)
        case .sigmoid: function(GPU_SIGMOID)
        case .tanh: function(GPU_TANH)
        case .rectifier(let maxValue, let negativeSlope, let threshold):
            function(GPU_RECTIFIER, maxValue ?? .infinity, negativeSlope, threshold)
        case .elu(let alpha): function(GPU_ELU, alpha)
        case .selu: function(GPU_SELU)
        case .celu(let alpha): function(GPU_CELU, alpha)
        case .silu: function(GPU_SILU)
        case .gelu(let approximate): function(approximate ? GPU_APPROXIMATE_GELU : GPU_GELU)
        case .mish: function(GPU_MISH)
        case .softplus: function(GPU_SOFTPLUS)
        case .softsign: function(GPU_SOFTSIGN)
        case .exponential: function(GPU_EXPONENTIAL)
        case .hardSigmoid(let slope): function(GPU_HARD_SIGMOID, slope)
        case .hardSilu: function(GPU_HARD_SILU)
        }
    }
}

/// A function of every element.
final class Activation: Kernel {
    private let function: ActivationFunction
    private let input: Signal, output: Signal
    private let context: KernelContext

    init(_ function: ActivationFunction, input: Signal, output: Signal, context: KernelContext) {
        self.function = function
        self.input = input
        self.output = output
        self.context = context
    }

    func forward() throws {
        let (number, a, b, c) = function.arguments
        try context.module.launch(
            "activate", elements: output.count, output.values, input.values, Int32(output.count), number, a, b, c)
    }

    func backward() throws {
        guard let dy = output.gradient, let dx = input.gradient else { return }
        let (number, a, b, c) = function.arguments
        try context.module.launch(
            "activate_gradient", elements: output.count, dx, dy, input.values, output.values, Int32(output.count),
            number, a, b, c, input.addsToGradient().flag)
    }
}

/// `exp(x) / sum(exp(x))` along the last axis, or its logarithm.
final class Softmax: Kernel {
    private let input: Signal, output: Signal
    private let isLogarithm: Bool
    private let context: KernelContext

    init(input: Signal, output: Signal, isLogarithm: Bool, context: KernelContext) {
        self.input = input
        self.output = output
        self.isLogarithm = isLogarithm
        self.context = context
    }

    func forward() throws {
        try context.module.launch(
            "softmax", grid: (output.rows, 1), threads: 128, output.values, input.values, Int32(output.channels),
            isLogarithm.flag)
    }

    func backward() throws {
        guard let dy = output.gradient, let dx = input.gradient else { return }
        try context.module.launch(
            "softmax_gradient", grid: (output.rows, 1), threads: 128, dx, dy, output.values, Int32(output.channels),
            isLogarithm.flag, input.addsToGradient().flag)
    }
}

/// `x` above zero, `alpha * x` below, with alphas that training changes.
final class PReLU: Kernel {
    private let input: Signal, output: Signal
    private let alpha: Weights
    private let alphas: GPUBroadcast
    private let context: KernelContext

    init(alpha shape: Shape, input: Signal, output: Signal, weight: Weights, context: KernelContext) throws {
        self.input = input
        self.output = output
        self.context = context
        alpha = weight
        // All samples share the alphas.
        alphas = try GPUBroadcast(shape.batched(1), to: output.shape)
    }

    func forward() throws {
        try context.module.launch(
            "prelu", elements: output.count, output.values, input.values, alpha.values, alphas, Int32(output.count))
    }

    func backward() throws {
        guard let dy = output.gradient else { return }
        if let gradient = alpha.gradient {
            try context.module.launch(
                "prelu_alpha_gradient", grid: (Int(alphas.operand), 1), threads: 256, gradient, dy, input.values,
                alphas,
                Int32(output.count))
        }
        guard let dx = input.gradient else { return }
        try context.module.launch(
            "prelu_gradient", elements: output.count, dx, dy, input.values, alpha.values, alphas,
            Int32(output.count), input.addsToGradient().flag)
    }
}

/// Zeroes random elements in training and scales the others.
final class Dropout: Kernel {
    private let rate: Float
    private let node: NodeID
    private let input: Signal, output: Signal
    private let context: KernelContext

    init(rate: Float, node: NodeID, input: Signal, output: Signal, context: KernelContext) {
        self.rate = rate
        self.node = node
        self.input = input
        self.output = output
        self.context = context
    }

    func forward() throws { try launch(output.values, input.values, adds: false) }

    func backward() throws {
        guard let dy = output.gradient, let dx = input.gradient else { return }
        try launch(dx, dy, adds: input.addsToGradient())
    }

    private func launch(_ y: DeviceAddress, _ x: DeviceAddress, adds: Bool) throws {
        try context.module.launch(
            "dropout", elements: (output.count + 3) / 4, y, x, context.stepNumbers, rate, Int32(node.index),
            Int32(output.count), adds.flag)
    }
}
