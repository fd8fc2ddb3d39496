import CGPUKernels
import ComputeGraph

extension GPUWindow {
    /// The window over an input's images.
    init(_ window: SlidingWindow, input: Signal, output: Signal) {
        let padding = window.paddings(for: input.size).leading
        self.init(
            images: Int32(input.batchSize), channels: Int32(input.channels), inputHeight: Int32(input.size.height),
            inputWidth: Int32(input.size.width), outputHeight: Int32(output.size.height),
            outputWidth: Int32(output.size.width), kernelHeight: Int32(window.kernel.height),
            kernelWidth: Int32(window.kernel.width), strideHeight: Int32(window.strides.height),
            strideWidth: Int32(window.strides.width), dilationHeight: Int32(window.dilation.height),
            dilationWidth: Int32(window.dilation.width), paddingTop: Int32(padding.height),
            paddingLeft: Int32(padding.width))
    }
}

/// The largest element under the window, channel by channel. The first of equal ones gets the gradient, as in Keras;
/// cuDNN does not say which.
final class MaxPooling: Kernel {
    private let window: GPUWindow
    private let input: Signal, output: Signal
    private let context: KernelContext
    /// For every output element, the position within its image of the input element that won.
    private let winners: DeviceBuffer?

    init(_ window: SlidingWindow, input: Signal, output: Signal, context: KernelContext) throws {
        self.window = GPUWindow(window, input: input, output: output)
        self.input = input
        self.output = output
        self.context = context
        winners = output.gradient == nil ? nil : try DeviceBuffer(context.device, bytes: output.count * 4)
    }

    func forward() throws {
        try context.module.launch(
            "max_pool", elements: output.count, output.values, winners?.address ?? .null, input.values, window)
    }

    func backward() throws {
        guard let dy = output.gradient, let dx = input.gradient, let winners else { return }
        try context.module.launch(
            "max_pool_gradient", elements: input.count, dx, dy, winners.address, window,
            input.addsToGradient().flag)
    }
}

/// The mean of the elements under the window, channel by channel, without the padding.
final class AveragePooling: Kernel {
    private let window: GPUWindow
    private let input: Signal, output: Signal
    private let context: KernelContext

    init(_ window: SlidingWindow, input: Signal, output: Signal, context: KernelContext) {
        self.window = GPUWindow(window, input: input, output: output)
        self.input = input
        self.output = output
        self.context = context
    }

    func forward() throws {
        try context.module.launch("average_pool", elements: output.count, output.values, input.values, window)
    }

    func backward() throws {
        guard let dy = output.gradient, let dx = input.gradient else { return }
        try context.module.launch(
            "average_pool_gradient", elements: input.count, dx, dy, window, input.addsToGradient().flag)
    }
}

/// The mean of each channel of an image.
final class GlobalAveragePooling: Kernel {
    private let input: Signal, output: Signal
    private let context: KernelContext

    init(input: Signal, output: Signal, context: KernelContext) {
        self.input = input
        self.output = output
        self.context = context
    }

    func forward() throws {
        try context.module.launch(
            "global_average", grid: (input.batchSize, (input.channels + 31) / 32), threads: 256, output.values,
            input.values, Int32(input.size.area), Int32(input.channels))
    }

    func backward() throws {
        guard let dy = output.gradient, let dx = input.gradient else { return }
        try context.module.launch(
            "global_average_gradient", elements: input.count, dx, dy, Int32(input.size.area), Int32(input.channels),
            Int32(input.count), input.addsToGradient().flag)
    }
}

/// The largest element of each channel of an image. Those that are equal share the gradient.
final class GlobalMaxPooling: Kernel {
    private let input: Signal, output: Signal
    private let context: KernelContext

    init(input: Signal, output: Signal, context: KernelContext) {
        self.input = input
        self.output = output
        self.context = context
    }

    func forward() throws {
        try context.module.launch(
            "global_max", elements: output.count, output.values, input.values, Int32(input.size.area),
            Int32(input.channels), Int32(input.batchSize))
    }

    func backward() throws {
        guard let dy = output.gradient, let dx = input.gradient else { return }
        try context.module.launch(
            "global_max_gradient", elements: output.count, dx, dy, input.values, output.values,
            Int32(input.size.area), Int32(input.channels), Int32(input.batchSize), input.addsToGradient().flag)
    }
}
