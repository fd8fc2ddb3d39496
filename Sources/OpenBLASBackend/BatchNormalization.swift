import ComputeGraph
import HostMemory

/// Normalizes every channel: see `RowNormalization`.
final class BatchNormalization: Kernel {
    private let input: Signal, output: Signal
    /// `nil` if the normalization does not scale, or does not shift.
    private let gamma: Weights?, beta: Weights?
    private let movingMean: Weights, movingVariance: Weights
    /// The factors and summands of the channels; ones and zeros without gamma or beta.
    private let scale: Floats, shift: Floats
    /// Keeps the ones and zeros.
    private let constants: Buffer?
    /// Whether the statistics are the batch's. Moving statistics are constants in the backward pass.
    private let usesBatchStatistics: Bool
    private let rows: RowNormalization
    private let step: CurrentStep
    private let synchronizes: Bool

    init(
        _ settings: NormalizationSettings, input: Signal, output: Signal, weights: [Weights], context: KernelContext
    ) throws {
        self.input = input
        self.output = output
        gamma = settings.scale ? weights[0] : nil
        beta = settings.center ? weights[settings.scale ? 1 : 0] : nil
        movingMean = weights[weights.count - 2]
        movingVariance = weights[weights.count - 1]
        usesBatchStatistics = context.isTraining && !settings.isFrozen
        let constants = try gamma == nil || beta == nil ? Buffer(count: 2 * input.channels) : nil
        constants?.floats.update(repeating: 1, count: input.channels)
        self.constants = constants
        guard let scale = gamma?.values ?? constants?.floats,
            let shift = beta?.values ?? constants.map({ $0.floats + input.channels })
        else { throw BackendError("a normalization has no factors") }
        self.scale = scale
        self.shift = shift
        let count = input.rows, workers = context.workers
        rows = RowNormalization(
            settings, rows: count, channels: input.channels,
            slices: .init(count: workers.sliceCount(of: count, grain: 64)) {
                workers.forEachSlice(of: count, grain: 64, $0)
            })
        step = context.step
        synchronizes = context.synchronizesStatistics
    }

    private var shared: (any SharedStep)? { synchronizes && usesBatchStatistics ? step.shared : nil }

    func forward() {
        if usesBatchStatistics {
            rows.measure(input.values, moving: movingMean.values, movingVariance.values, shared: shared)
        } else {
            rows.take(mean: movingMean.values, variance: movingVariance.values)
        }
        rows.normalize(input.values, gamma: scale, beta: shift, into: output.values)
    }

    func backward() {
        guard let dy = output.gradient else { return }
        rows.addGradients(
            of: input.values, dy, gamma: scale, into: input.gradient, ofGamma: gamma?.gradient, ofBeta: beta?.gradient,
            shared: shared)
    }
}
