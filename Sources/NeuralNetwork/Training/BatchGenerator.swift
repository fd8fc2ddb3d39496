import ComputeGraph
import Tensors

/// The samples of one step: one tensor for each input of the model and one for each output, the batch as first axis.
public struct Batch: Sendable {
    private enum Content: Sendable {
        case tensors([Tensor])
        case images(StoredImages)
    }

    private var content: Content
    /// `[batch, ...]` for each output of the model.
    public var targets: [Tensor]
    /// The factor of each sample's loss, finite and not negative; `nil`: all 1. Keras's `sample_weight`. The mean is over
    /// the number of samples, not over the sum of these; the accuracy ignores them.
    public var sampleWeights: [Float]?
    /// Each sample's row in the data set, counted from 0, for messages; `nil` if unknown.
    public var rows: [Int]?

    /// - Parameters:
    ///   - inputs: `[batch, ...]` for each input of the model.
    ///   - targets: `[batch, ...]` for each output of the model.
    ///   - sampleWeights: the factor of each sample's loss; all 1 by default.
    ///   - rows: each sample's row in the data set, counted from 0.
    public init(inputs: [Tensor], targets: [Tensor], sampleWeights: [Float]? = nil, rows: [Int]? = nil) {
        content = .tensors(inputs)
        self.targets = targets
        self.sampleWeights = sampleWeights
        self.rows = rows
    }

    /// A batch for a backend that makes the floats of the images itself.
    ///
    /// - Parameters:
    ///   - images: the model's only input.
    ///   - targets: `[batch, ...]` for each output of the model.
    ///   - sampleWeights: the factor of each sample's loss; all 1 by default.
    ///   - rows: each sample's row in the data set, counted from 0.
    public init(images: StoredImages, targets: [Tensor], sampleWeights: [Float]? = nil, rows: [Int]? = nil) {
        content = .images(images)
        self.targets = targets
        self.sampleWeights = sampleWeights
        self.rows = rows
    }

    /// `[batch, ...]` for each input of the model. The floats of stored images are made each time.
    public var inputs: [Tensor] {
        get {
            switch content {
            case .tensors(let tensors): tensors
            case .images(let images): [images.tensor]
            }
        }
        set { content = .tensors(newValue) }
    }

    /// The inputs, if they are images as they are stored.
    public var storedImages: StoredImages? {
        guard case .images(let images) = content else { return nil }
        return images
    }

    /// Some of the samples.
    public subscript(samples: Range<Int>) -> Batch {
        Batch(
            inputs: inputs.map { $0[rows: samples] }, targets: targets.map { $0[rows: samples] },
            sampleWeights: sampleWeights.map { Array($0[samples]) }, rows: rows.map { Array($0[samples]) })
    }

    /// Number of samples.
    public var count: Int {
        switch content {
        case .tensors(let tensors): tensors.first?.rowCount ?? 0
        case .images(let images): images.shape[0]
        }
    }
}

/// Delivers the batch of any step of any epoch, in any order, from any thread.
///
/// A batch must be a pure function of (epoch, step). Background threads can therefore work ahead without changing the
/// results, and a resumed run sees the batches that the run without a stop would have seen.
public protocol BatchGenerator: Sendable {
    /// Samples in one epoch.
    var sampleCount: Int { get }
    /// Samples in every batch but the last of an epoch, which may be shorter.
    var batchSize: Int { get }
    /// The batch of a step. Called from several threads.
    ///
    /// - Parameters:
    ///   - epoch: counted from 0.
    ///   - step: counted from 0, below ``stepsPerEpoch``.
    /// - Throws: what keeps the batch from being made; training then ends with this error.
    func batch(epoch: Int, step: Int) throws -> Batch
    /// Some samples of the batch of a step: the part of one of several processes. A generator that reads files reads no
    /// others; by default they are taken from the whole batch. Called from several threads.
    ///
    /// - Parameters:
    ///   - epoch: counted from 0.
    ///   - step: counted from 0, below ``stepsPerEpoch``.
    ///   - samples: counted within the batch.
    /// - Throws: what keeps the batch from being made; training then ends with this error.
    func batch(epoch: Int, step: Int, samples: Range<Int>) throws -> Batch
    /// The batch of a step with its images as they are stored, for a backend that takes them; `nil` if this generator
    /// has floats only. Its ``Batch/inputs`` are those of ``batch(epoch:step:)``, bit for bit. Called from several
    /// threads.
    ///
    /// - Parameters:
    ///   - epoch: counted from 0.
    ///   - step: counted from 0, below ``stepsPerEpoch``.
    /// - Throws: what keeps the batch from being made; training then ends with this error.
    func storedBatch(epoch: Int, step: Int) throws -> Batch?
}

extension BatchGenerator {
    /// Some samples of the whole batch.
    public func batch(epoch: Int, step: Int, samples: Range<Int>) throws -> Batch {
        try batch(epoch: epoch, step: step)[samples]
    }

    /// `nil`: floats only.
    public func storedBatch(epoch: Int, step: Int) throws -> Batch? { nil }

    /// Steps that cover every sample once; the last batch may have fewer samples.
    public var stepsPerEpoch: Int { sampleCount <= 0 || batchSize <= 0 ? 0 : (sampleCount - 1) / batchSize + 1 }

    /// The places of the step's samples in the epoch's order.
    ///
    /// - Throws: ``TrainingError`` for a step that an epoch does not have.
    public func rows(ofStep step: Int) throws -> Range<Int> {
        guard (0..<stepsPerEpoch).contains(step) else {
            throw TrainingError("there is no step \(step): an epoch has \(stepsPerEpoch)")
        }
        return step * batchSize..<min((step + 1) * batchSize, sampleCount)
    }

    /// The rows of the step's samples: those at its places of the epoch's order, or of the data if there is no order.
    ///
    /// - Parameters:
    ///   - step: counted from 0.
    ///   - samples: counted within the batch; all if `nil`.
    ///   - epoch: counted from 0.
    ///   - order: of the epoch's samples.
    /// - Throws: ``TrainingError`` for a step that an epoch does not have, or for samples that a step does not have.
    public func rows(
        ofStep step: Int, samples: Range<Int>? = nil, epoch: Int, in order: EpochOrder?
    ) throws -> [Int] {
        var range = try rows(ofStep: step)
        if let samples {
            guard samples.lowerBound >= 0, samples.upperBound <= range.count, !samples.isEmpty else {
                throw TrainingError("there are no samples \(samples) in step \(step), which has \(range.count)")
            }
            range = range.lowerBound + samples.lowerBound..<range.lowerBound + samples.upperBound
        }
        return order.map { Array($0.permutation(epoch: epoch)[range]) } ?? Array(range)
    }
}
