import ComputeGraph

/// Normalizes every channel to mean 0 and variance 1, then scales and shifts it, and perhaps applies the ReLU that
/// follows.
///
/// cuDNN has this too, but it moves the unbiased variance, which Keras does not, and it has the ReLU for some types only.
/// In both passes the batch is read twice and written once.
final class BatchNormalization: Kernel {
    private let settings: NormalizationSettings
    private let input: Signal, output: Signal
    private let gamma: Weights?, beta: Weights?
    private let movingMean: Weights, movingVariance: Weights
    private let relu: Bool
    private let usesBatchStatistics: Bool
    private let context: KernelContext
    private let sums: ColumnSums
    /// The mean and the reciprocal of the deviation of each channel, then two means of the backward pass: doubles.
    private let statistics: DeviceBuffer

    init(
        _ settings: NormalizationSettings, input: Signal, output: Signal, weights: [Weights], relu: Bool,
        context: KernelContext
    ) throws {
        self.settings = settings
        self.input = input
        self.output = output
        self.relu = relu
        self.context = context
        gamma = settings.scale ? weights[0] : nil
        beta = settings.center ? weights[settings.scale ? 1 : 0] : nil
        movingMean = weights[weights.count - 2]
        movingVariance = weights[weights.count - 1]
        usesBatchStatistics = context.isTraining && !settings.isFrozen
        sums = ColumnSums(rows: input.rows, channels: input.channels, terms: 2, context: context)
        statistics = try DeviceBuffer(context.device, bytes: 4 * input.channels * 8)
    }

    private func statistic(_ index: Int) -> DeviceAddress {
        statistics.address.advanced(bytes: index * input.channels * 8)
    }

    func forward() throws {
        let (mean, reciprocal) = (statistic(0), statistic(1))
        let (channels, epsilon) = (Int32(input.channels), Double(settings.epsilon))
        if usesBatchStatistics {
            try sums.launch("batch_statistics", input.values)
            try context.module.launch(
                "finish_statistics", grid: sums.finishGrid, threads: 256, mean, reciprocal, movingMean.values,
                movingVariance.values, sums.address, input.values, Int32(sums.blocks), Int32(input.rows), channels,
                epsilon, Double(settings.momentum))
        } else {
            try context.module.launch(
                "moving_statistics", elements: input.channels, mean, reciprocal, movingMean.values,
                movingVariance.values, channels, epsilon)
        }
        try context.module.launch(
            "normalize", elements: input.count, output.values, input.values, mean, reciprocal,
            gamma?.values ?? .null, beta?.values ?? .null, channels, Int32(input.count), relu.flag)
    }

    func backward() throws {
        guard let dy = output.gradient else { return }
        let (mean, reciprocal, means) = (statistic(0), statistic(1), statistic(2))
        let channels = Int32(input.channels)
        // Where the ReLU gave 0, no gradient passes.
        let y = relu ? output.values : .null
        if usesBatchStatistics || gamma?.gradient != nil || beta?.gradient != nil {
            try sums.launch("normalize_sums", dy, input.values, y, mean, reciprocal)
            try context.module.launch(
                "finish_normalize_sums", grid: sums.finishGrid, threads: 256, means, gamma?.gradient ?? .null,
                beta?.gradient ?? .null, sums.address, Int32(sums.blocks), Int32(input.rows), channels)
        }
        guard let dx = input.gradient else { return }
        try context.module.launch(
            "normalize_gradient", elements: input.count, dx, dy, input.values, y, mean, reciprocal,
            gamma?.values ?? .null, usesBatchStatistics ? means : .null, channels, Int32(input.count),
            input.addsToGradient().flag)
    }
}
