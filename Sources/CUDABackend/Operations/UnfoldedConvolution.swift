import CGPUKernels
import ComputeGraph

/// A cross-correlation as a product of the images' patches and the kernel: for the few shapes and precisions for which
/// cuDNN has no algorithm whose sums are the same every time.
final class UnfoldedConvolution: Kernel {
    private let input: Signal, output: Signal
    private let window: SlidingWindow
    private let groups: Int
    private let kernel: PackedKernel
    private let kernelGradient: DeviceAddress?
    private let bias: Bias?
    private let context: KernelContext
    /// The number of images whose patches are in memory at the same time.
    private let images: Int

    init(
        _ window: SlidingWindow, groups: Int, input: Signal, output: Signal, kernel: Weights, bias: Bias?,
        context: KernelContext
    ) throws {
        self.window = window
        self.groups = groups
        self.input = input
        self.output = output
        self.bias = bias
        self.context = context
        self.kernel = context.packed.rounded(
            kernel.id, count: window.kernel.area * input.channels / groups * output.channels)
        kernelGradient = kernel.gradient
        let patches = output.size.area * window.kernel.area * (input.channels / groups)
        try Device.requireIndexable(patches, "the patches of an image")
        images = max(min(Self.largestPatches / patches, input.batchSize), 1)
        context.scratch.reserve(bytes: images * patches * context.precision.elementSize)
    }

    /// In elements.
    private static let largestPatches = 1 << 26

    /// The input's and the output's channels of a group.
    private var channels: Int { input.channels / groups }
    private var filters: Int { output.channels / groups }
    /// The number of elements of a patch.
    private var patch: Int { window.kernel.area * channels }

    private var patches: Matrix { Matrix(address: context.scratch.address, stride: patch) }

    func forward() throws {
        try forEachPart { part in
            try unfold(part)
            try context.multiply(
                patches, kernel(part), into: self.part(part, of: output.values, channels: output.channels),
                rows: part.positions, columns: filters, terms: patch, adds: false)
        }
        try bias?.forward()
    }

    func backward() throws {
        guard let gradient = output.gradient else { return }
        try bias?.backward()
        if let kernelGradient {
            try forEachPart { part in
                try unfold(part)
                let target = Matrix(
                    address: kernelGradient.advanced(bytes: part.group * filters * 4), stride: output.channels,
                    isFloat: true)
                try context.multiply(
                    patches.transposed, self.part(part, of: gradient, channels: output.channels), into: target,
                    rows: patch, columns: filters, terms: part.positions, adds: true)
            }
        }
        guard let dx = input.gradient else { return }
        let adds = input.addsToGradient()
        try forEachPart { part in
            try context.multiply(
                self.part(part, of: gradient, channels: output.channels), kernel(part).transposed, into: patches,
                rows: part.positions, columns: patch, terms: filters, adds: false)
            try context.module.launch(
                "fold", elements: part.window.elements(channels: channels), firstImage(part, of: dx),
                patches.address, part.window, Int32(part.group * channels), Int32(channels), adds.flag)
        }
    }

    // MARK: - Parts: some images and one group

    private struct Part {
        let firstImage, group, positions: Int
        let window: GPUWindow
    }

    private func forEachPart(_ body: (Part) throws -> Void) rethrows {
        for firstImage in stride(from: 0, to: input.batchSize, by: images) {
            let count = min(images, input.batchSize - firstImage)
            var window = GPUWindow(window, input: input, output: output)
            window.images = Int32(count)
            for group in 0..<groups {
                try body(
                    Part(
                        firstImage: firstImage, group: group, positions: count * output.size.area, window: window))
            }
        }
    }

    private func unfold(_ part: Part) throws {
        try context.module.launch(
            "unfold", elements: part.positions * patch, patches.address, firstImage(part, of: input.values),
            part.window, Int32(part.group * channels), Int32(channels))
    }

    private func firstImage(_ part: Part, of x: DeviceAddress) -> DeviceAddress {
        x.advanced(
            bytes: part.firstImage * input.size.area * input.channels * context.precision.elementSize)
    }

    /// The group's columns of the output or its gradient.
    private func part(_ part: Part, of y: DeviceAddress, channels: Int) -> Matrix {
        let first = part.firstImage * output.size.area * channels + part.group * filters
        return Matrix(address: y.advanced(bytes: first * context.precision.elementSize), stride: channels)
    }

    /// The group's columns of the kernel.
    private func kernel(_ part: Part) -> Matrix {
        let address = kernel.values.advanced(bytes: part.group * filters * context.precision.elementSize)
        return Matrix(address: address, stride: output.channels)
    }
}

extension GPUWindow {
    /// The number of elements of the input's images with so many channels.
    fileprivate func elements(channels: Int) -> Int { Int(images) * Int(inputHeight) * Int(inputWidth) * channels }
}
