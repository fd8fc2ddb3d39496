import ComputeGraph

extension KernelContext {
    /// Moves images to larger or smaller ones: zeros appear around them, or rows and columns are lost.
    func move(
        _ x: DeviceAddress, _ from: Size2D, to y: DeviceAddress, _ to: Size2D, images: Int, channels: Int,
        by distance: Size2D, adds: Bool
    ) throws {
        try module.launch(
            "move_image", elements: images * to.area * channels, y, x, Int32(images), Int32(to.height),
            Int32(to.width), Int32(from.height), Int32(from.width), Int32(channels), Int32(distance.height),
            Int32(distance.width), adds.flag)
    }
}

/// Zero padding and cropping, each of which is the other's gradient.
final class MovedImage: Kernel {
    private let top, left: Int
    private let input: Signal, output: Signal
    private let context: KernelContext

    /// - Parameter top: the number of rows of zeros above; negative if rows are removed.
    init(top: Int, left: Int, input: Signal, output: Signal, context: KernelContext) {
        self.top = top
        self.left = left
        self.input = input
        self.output = output
        self.context = context
    }

    func forward() throws {
        try context.move(
            input.values, input.size, to: output.values, output.size, images: input.batchSize,
            channels: input.channels, by: Size2D(top, left), adds: false)
    }

    func backward() throws {
        guard let dy = output.gradient, let dx = input.gradient else { return }
        try context.move(
            dy, output.size, to: dx, input.size, images: input.batchSize, channels: input.channels,
            by: Size2D(-top, -left), adds: input.addsToGradient())
    }
}

/// An image several times as large.
final class Enlargement: Kernel {
    private let size: Size2D
    private let kind: UpSampling
    private let input: Signal, output: Signal
    private let context: KernelContext

    init(_ size: Size2D, _ kind: UpSampling, input: Signal, output: Signal, context: KernelContext) {
        self.size = size
        self.kind = kind
        self.input = input
        self.output = output
        self.context = context
    }

    func forward() throws {
        try context.module.launch(
            "enlarge", elements: output.count, output.values, input.values, Int32(input.batchSize),
            Int32(input.size.height), Int32(input.size.width), Int32(input.channels), Int32(size.height),
            Int32(size.width), (kind == .bilinear).flag)
    }

    func backward() throws {
        guard let dy = output.gradient, let dx = input.gradient else { return }
        try context.module.launch(
            "enlarge_gradient", elements: input.count, dx, dy, Int32(input.batchSize), Int32(input.size.height),
            Int32(input.size.width), Int32(input.channels), Int32(size.height), Int32(size.width),
            (kind == .bilinear).flag, input.addsToGradient().flag)
    }
}

/// Damps a channel by its neighbors at the same position.
final class LocalResponseNormalization: Kernel {
    private let depthRadius: Int
    private let bias, alpha, beta: Float
    private let input: Signal, output: Signal
    private let context: KernelContext

    init(
        depthRadius: Int, bias: Float, alpha: Float, beta: Float, input: Signal, output: Signal, context: KernelContext
    ) {
        // More neighbors than channels there are not.
        self.depthRadius = min(depthRadius, input.channels)
        self.bias = bias
        self.alpha = alpha
        self.beta = beta
        self.input = input
        self.output = output
        self.context = context
    }

    func forward() throws {
        try context.module.launch(
            "response_normalize", elements: input.count, output.values, input.values, Int32(input.channels),
            Int32(input.count), Int32(depthRadius), bias, alpha, beta)
    }

    func backward() throws {
        guard let dy = output.gradient, let dx = input.gradient else { return }
        try context.module.launch(
            "response_gradient", elements: input.count, dx, dy, input.values, Int32(input.channels),
            Int32(input.count), Int32(depthRadius), bias, alpha, beta, input.addsToGradient().flag)
    }
}
