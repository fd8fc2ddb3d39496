import CCUDA
import ComputeGraph

/// A cross-correlation: by cuDNN, or as a matrix product where cuDNN has no algorithm for it.
func makeConvolution(
    _ window: SlidingWindow, groups: Int, input: Signal, output: Signal, kernel: Weights, bias: Bias?,
    context: KernelContext
) throws -> any Kernel {
    let library = try LibraryConvolution(
        window, groups: groups, input: input, output: output, kernel: kernel, bias: bias, context: context)
    if let library { return library }
    context.device.warnOnce(
        "cuDNN has no algorithm with repeatable sums, in \(context.precision.rawValue), for a convolution of "
            + "\(window.kernel.height)x\(window.kernel.width) from \(input.shape) to \(output.shape); it is computed as a "
            + "matrix product, which is slower")
    return try UnfoldedConvolution(
        window, groups: groups, input: input, output: output, kernel: kernel, bias: bias, context: context)
}

/// A cross-correlation by cuDNN.
///
/// Keras pads an image by one row more at its end than at its beginning if need be. cuDNN pads both sides alike, so such
/// an image is copied into a larger one first.
final class LibraryConvolution: Kernel {
    private let input: Signal, output: Signal
    private let kernel: PackedKernel
    private let bias: Bias?
    private let context: KernelContext
    private let padded: PaddedImage?
    private let forwardPass: ConvolutionPass
    private let kernelPass: ConvolutionPass?, inputPass: ConvolutionPass?

    /// - Returns: `nil` if cuDNN has no algorithm for one of the passes.
    init?(
        _ window: SlidingWindow, groups: Int, input: Signal, output: Signal, kernel: Weights, bias: Bias?,
        context: KernelContext
    ) throws {
        self.input = input
        self.output = output
        self.bias = bias
        self.context = context
        let isKernelTrainable = kernel.gradient != nil
        let (leading, trailing) = window.paddings(for: input.size)
        let padded = leading == trailing ? nil : try PaddedImage(leading, trailing, input: input, context: context)

        self.padded = padded

        let depth = input.channels / groups
        let geometry = try ConvolutionGeometry(
            window, padding: padded == nil ? leading : Size2D(0, 0), groups: groups,
            input: (input.batchSize, padded?.size ?? input.size, input.channels), kernelDepth: depth, output: output,
            context: context)
        // cuDNN lists algorithms that then fail, so each is tried. Its result is not used: the inputs have no values yet.
        let trial = try DeviceBuffer(
            context.device, bytes: window.kernel.area * depth * output.channels * context.precision.elementSize)
        let (x, y) = ((padded?.values ?? input.values), output.values)
        guard let forward = try ConvolutionPass(.forward, geometry, x, trial.address, y, context) else { return nil }
        forwardPass = forward
        kernelPass = try output.gradient.flatMap { dy in
            isKernelTrainable
                ? try ConvolutionPass(.backwardKernel, geometry, x, dy, trial.address, context) : nil
        }
        inputPass = try output.gradient.flatMap { dy in
            try (padded?.gradient ?? input.gradient).flatMap { dx in
                try ConvolutionPass(.backwardInput, geometry, trial.address, dy, dx, context)
            }
        }
        let needsBackward = output.gradient != nil
        guard !needsBackward || !isKernelTrainable || kernelPass != nil,
            !needsBackward || input.gradient == nil || inputPass != nil
        else { return nil }
        for pass in [forwardPass, kernelPass, inputPass] { context.scratch.reserve(bytes: pass?.workspaceBytes ?? 0) }
        self.kernel = context.packed.transposed(
            kernel.id, rows: window.kernel.area * depth, columns: output.channels, isTrainable: isKernelTrainable)
    }

    func forward() throws {
        try padded?.forward()
        try forwardPass.run(
            padded?.values ?? input.values, kernel.values, output.values, adds: false,
            workspace: context.scratch.address)
        try bias?.forward()
    }

    func backward() throws {
        guard let dy = output.gradient else { return }
        try bias?.backward()
        try kernelPass?.run(
            padded?.values ?? input.values, dy, kernel.gradient, adds: kernel.addsToGradient(),
            workspace: context.scratch.address)
        guard let inputPass, let dx = input.gradient else { return }
        try inputPass.run(
            kernel.values, dy, padded?.gradient ?? dx, adds: padded == nil && input.addsToGradient(),
            workspace: context.scratch.address)
        try padded?.backward()
    }
}

/// An image with rows and columns of zeros around it, which only the convolution sees.
private final class PaddedImage {
    let size: Size2D
    private let leading: Size2D
    private let input: Signal
    private let context: KernelContext
    private let valuesBuffer: DeviceBuffer, gradientBuffer: DeviceBuffer?

    init(_ leading: Size2D, _ trailing: Size2D, input: Signal, context: KernelContext) throws {
        self.leading = leading
        self.input = input
        self.context = context
        size = Size2D(
            leading.height + input.size.height + trailing.height, leading.width + input.size.width + trailing.width)
        try Device.requireIndexable(input.batchSize * size.area * input.channels, "a padded image")
        let bytes = input.batchSize * size.area * input.channels * context.precision.elementSize
        valuesBuffer = try DeviceBuffer(context.device, bytes: bytes)
        gradientBuffer = input.gradient == nil ? nil : try DeviceBuffer(context.device, bytes: bytes)
    }

    var values: DeviceAddress { valuesBuffer.address }
    var gradient: DeviceAddress? { gradientBuffer?.address }

    func forward() throws {
        try context.move(
            input.values, input.size, to: values, size, images: input.batchSize, channels: input.channels,
            by: leading, adds: false)
    }

    func backward() throws {
        guard let gradient, let dx = input.gradient else { return }
        try context.move(
            gradient, size, to: dx, input.size, images: input.batchSize, channels: input.channels,
            by: Size2D(-leading.height, -leading.width), adds: input.addsToGradient())
    }
}
