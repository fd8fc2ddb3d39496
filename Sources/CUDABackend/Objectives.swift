import CGPUKernels
import ComputeGraph

/// An objective of a plan: its loss, the gradient of that, and the counts of right answers, all computed on the GPU.
final class ObjectiveKernel {
    private let objective: Objective
    private let signal: Signal
    private let settings: GPULossSettings
    private let module: KernelModule
    /// The target, the losses of the rows, and what is compared for the counts.
    private let target: DeviceBuffer?
    private let losses: DeviceBuffer, comparisons: DeviceBuffer
    private let scores: DeviceBuffer
    private let targetStaging: PinnedBuffer?, scoreStaging: PinnedBuffer
    private let device: Device

    init(_ objective: Objective, signal: Signal, device: Device, module: KernelModule) throws {
        self.objective = objective
        self.signal = signal
        self.module = module
        self.device = device
        settings = GPULossSettings(objective, rows: signal.rows, units: signal.channels, samples: signal.batchSize)
        let takesTarget = objective.loss.takesTarget
        target = takesTarget ? try DeviceBuffer(device, bytes: signal.count * 4) : nil
        targetStaging = takesTarget ? try PinnedBuffer(device, bytes: signal.count * 4) : nil
        losses = try DeviceBuffer(device, bytes: signal.rows * 8)
        comparisons = try DeviceBuffer(device, bytes: signal.rows * 8)
        scores = try DeviceBuffer(device, bytes: Self.scoreSize * objective.rankGroups.count)
        scoreStaging = try PinnedBuffer(device, bytes: Self.scoreSize * objective.rankGroups.count)
    }

    /// A loss and four counts, as doubles.
    private static let scoreSize = 5 * 8

    /// Puts the targets where the next step finds them.
    func take(_ target: [Float]) { _ = targetStaging?.floats(signal.count).update(fromContentsOf: target) }

    /// Enqueues the loss and, in training, its gradient, which is added to the node's.
    ///
    /// - Parameter sampleWeights: one float for each sample, if they have weights.
    func evaluate(sampleWeights: DeviceAddress?) throws {
        if let target, let targetStaging {
            try device.upload(targetStaging, to: target.address, bytes: signal.count * 4)
        }
        let targets = target?.address ?? .null
        try module.launch(
            "loss", grid: (signal.rows, 1), threads: 128, losses.address, signal.gradient ?? .null, signal.values,
            targets, target == nil ? .null : sampleWeights ?? .null, settings,
            (signal.gradient == nil ? false : signal.addsToGradient()).flag)
        let counts = target != nil && !objective.ranks.isEmpty
        if counts {
            try module.launch(
                "ranks", grid: (signal.rows, 1), threads: 128, comparisons.address, signal.values, targets, settings)
        }
        for (group, ranks) in objective.rankGroups.enumerated() {
            func rank(_ i: Int) -> Int32 { Int32(i < ranks.count ? ranks[i] : 0) }
            try module.launch(
                "score", grid: (1, 1), threads: 256, scores.address.advanced(bytes: Self.scoreSize * group),
                losses.address, counts ? comparisons.address : .null, settings, rank(0), rank(1), rank(2), rank(3))
        }
        try device.download(scores.address, to: scoreStaging, bytes: Self.scoreSize * objective.rankGroups.count)
    }

    /// What the last step computed, once the stream has been waited for.
    var score: Score {
        let values = UnsafeBufferPointer(
            start: scoreStaging.pointer.assumingMemoryBound(to: Double.self), count: 5 * objective.rankGroups.count)
        let correct = objective.ranks.indices.map { target == nil ? 0 : values[5 * ($0 / 4) + 1 + $0 % 4] }
        return Score(loss: values[0], correct: correct)
    }
}

/// The weights of a batch's samples, on their way to the GPU and there.
final class SampleWeights {
    private let values: DeviceBuffer, staging: PinnedBuffer
    private let count: Int
    private let device: Device

    init(count: Int, device: Device) throws {
        self.count = count
        self.device = device
        values = try DeviceBuffer(device, bytes: count * 4)
        staging = try PinnedBuffer(device, bytes: count * 4)
    }

    var address: DeviceAddress { values.address }

    /// Puts the weights where the next step finds them.
    func take(_ weights: [Float]) { _ = staging.floats(count).update(fromContentsOf: weights) }

    func upload() throws { try device.upload(staging, to: values.address, bytes: count * 4) }
}

extension Objective {
    /// A launch counts up to four ranks. Without ranks, a single launch computes the loss.
    fileprivate var rankGroups: [ArraySlice<Int>] {
        ranks.isEmpty
            ? [[]]
            : stride(from: 0, to: ranks.count, by: 4).map { ArraySlice(Array(ranks[$0..<min($0 + 4, ranks.count)])) }
    }
}

extension GPULossSettings {
    init(_ objective: Objective, rows: Int, units: Int, samples: Int) {
        self.init()
        self.rows = Int32(rows)
        self.units = Int32(units)
        self.samples = Int32(samples)
        weight = objective.weight
        threshold = objective.threshold
        kept = 1
        switch objective.loss {
        case .categoricalCrossentropy(let smoothing, let fromLogits):
            kind = Int32(fromLogits ? GPU_CATEGORICAL_FROM_LOGITS : GPU_CATEGORICAL)
            soften(smoothing, classes: units)
        case .binaryCrossentropy(let smoothing, let fromLogits):
            kind = Int32(fromLogits ? GPU_BINARY_FROM_LOGITS : GPU_BINARY)
            soften(smoothing, classes: 2)
        case .meanSquaredError: kind = Int32(GPU_SQUARED_ERROR)
        case .weightedSum: kind = Int32(GPU_WEIGHTED_SUM)
        case .penalty(let penalty):
            kind = Int32(GPU_PENALTY)
            l1 = penalty.l1
            l2 = penalty.l2
        }
    }

    private mutating func soften(_ smoothing: Double, classes: Int) {
        kept = Float(1 - smoothing)
        spread = Float(smoothing / Double(classes))
    }
}
