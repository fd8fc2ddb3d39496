import CGPUKernels
import ComputeGraph

/// A cross-correlation of each channel by itself.
final class DepthwiseConvolution: Kernel {
    private let window: GPUWindow
    private let multiplier: Int
    private let input: Signal, output: Signal
    private let kernel: PackedKernel
    private let kernelGradient: DeviceAddress?
    private let kernelCount: Int
    private let bias: Bias?
    private let context: KernelContext

    init(
        _ window: SlidingWindow, multiplier: Int, input: Signal, output: Signal, kernel: Weights, bias: Bias?,
        context: KernelContext
    ) {
        self.window = GPUWindow(window, input: input, output: output)
        self.multiplier = multiplier
        self.input = input
        self.output = output
        kernelCount = window.kernel.area * output.channels
        self.kernel = context.packed.rounded(kernel.id, count: kernelCount)
        kernelGradient = kernel.gradient
        self.bias = bias
        self.context = context
    }

    func forward() throws {
        try context.module.launch(
            "depthwise", elements: output.count, output.values, input.values, kernel.values, window,
            Int32(multiplier))
        try bias?.forward()
    }

    func backward() throws {
        guard let dy = output.gradient else { return }
        try bias?.backward()
        if let kernelGradient {
            try context.module.launch(
                "depthwise_kernel_gradient", grid: (kernelCount, 1), threads: 256, kernelGradient, dy, input.values,
                window, Int32(multiplier))
        }
        guard let dx = input.gradient else { return }
        try context.module.launch(
            "depthwise_gradient", elements: input.count, dx, dy, kernel.values, window, Int32(multiplier),
            input.addsToGradient().flag)
    }
}
