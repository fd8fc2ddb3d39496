import ComputeGraph

/// `y = scale * x + offset`, with constants of the channels.
final class Scaling: Kernel {
    private let input: Signal, output: Signal
    private let constants: DeviceBuffer
    private let context: KernelContext

    init(_ settings: ScalingSettings, input: Signal, output: Signal, context: KernelContext) throws {
        self.input = input
        self.output = output
        self.context = context
        func perChannel(_ values: [Float]) -> [Float] {
            values.count == 1 ? [Float](repeating: values[0], count: input.channels) : values
        }
        constants = try context.device.table(perChannel(settings.scale) + perChannel(settings.offset))
    }

    func forward() throws {
        let offset = constants.address.advanced(bytes: 4 * input.channels)
        try launch(output.values, input.values, offset: offset, adds: false)
    }

    func backward() throws {
        guard let dy = output.gradient, let dx = input.gradient else { return }
        try launch(dx, dy, offset: .null, adds: input.addsToGradient())
    }

    private func launch(_ y: DeviceAddress, _ x: DeviceAddress, offset: DeviceAddress, adds: Bool) throws {
        try context.module.launch(
            "rescale", elements: input.count, y, x, constants.address, offset, Int32(input.channels),
            Int32(input.count), adds.flag)
    }
}

/// `y = (x - mean) / max(sqrt(variance), 1e-7)` for each channel, or the inverse.
final class Standardization: Kernel {
    private let invert: Bool
    private let input: Signal, output: Signal
    private let mean: Weights, variance: Weights
    private let context: KernelContext

    init(invert: Bool, input: Signal, output: Signal, weights: [Weights], context: KernelContext) {
        self.invert = invert
        self.input = input
        self.output = output
        mean = weights[0]
        variance = weights[1]
        self.context = context
    }

    func forward() throws { try launch(output.values, input.values, mean: mean.values, adds: false) }

    func backward() throws {
        guard let dy = output.gradient, let dx = input.gradient else { return }
        try launch(dx, dy, mean: .null, adds: input.addsToGradient())
    }

    private func launch(_ y: DeviceAddress, _ x: DeviceAddress, mean: DeviceAddress, adds: Bool) throws {
        try context.module.launch(
            "standardize", elements: input.count, y, x, mean, variance.values, Int32(input.channels),
            Int32(input.count), invert.flag, adds.flag)
    }
}
