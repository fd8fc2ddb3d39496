import ComputeGraph
import Imaging
import NeuralNetwork
import Tensors

/// Batches of images that are resized when they are needed and divided by 255: 50,000 images of CIFAR-10 at 224x224
/// would take 30 GB at once.
///
/// Pixels are bytes and are rounded as `cv2.resize` with `INTER_LINEAR` rounds them.
public struct ResizedBatches: BatchGenerator {
    let images: ByteImages
    private let targets: [Tensor]
    let width: Int
    let height: Int
    private let order: EpochOrder?
    /// Samples in every batch; the last one of an epoch may have fewer.
    public let batchSize: Int
    /// Samples in one epoch.
    public var sampleCount: Int { images.shape[0] }

    /// - Parameters:
    ///   - images: `[samples, height, width, 3]`, RGB, not normalized.
    ///   - targets: for each output of the model, `[samples, ...]`.
    ///   - width: of the images in a batch, in pixels.
    ///   - height: of the images in a batch, in pixels.
    ///   - batchSize: samples in every batch; the last one of an epoch may have fewer.
    ///   - shuffle: whether every epoch has another order.
    ///   - seed: determines the orders.
    /// - Throws: `TrainingError` if the shapes do not fit, there are no samples, or the images are normalized.
    public init(
        images: ByteImages, targets: [Tensor], width: Int, height: Int, batchSize: Int, shuffle: Bool, seed: UInt64
    ) throws {
        let count = images.shape[0]
        guard count > 0 else { throw TrainingError("there are no samples") }
        guard images.shape[3] == 3 else {
            throw TrainingError("images must have the shape (samples, height, width, 3), not \(images.shape)")
        }
        guard images.conversion == .plain else {
            throw TrainingError("images that are resized are divided by 255: they cannot be normalized before that")
        }
        if let other = targets.first(where: { $0.rowCount != count }) {
            throw TrainingError("\(count) images cannot have \(other.rowCount) rows of targets")
        }
        guard batchSize > 0 else { throw TrainingError("the batch size must be positive, not \(batchSize)") }
        requireSize(width, height)
        self.images = images
        self.targets = targets
        self.width = width
        self.height = height
        self.batchSize = batchSize
        order = shuffle ? EpochOrder(count: count, seed: seed) : nil
    }

    /// The batch of a step: images `[batch, height, width, 3]`, from 0 to 1, and the targets.
    ///
    /// - Throws: `TrainingError` for a step that an epoch does not have.
    public func batch(epoch: Int, step: Int) throws -> Batch {
        batch(of: try rows(ofStep: step, epoch: epoch, in: order))
    }

    /// Some samples of the batch of a step.
    ///
    /// - Throws: `TrainingError` for a step that an epoch does not have, or samples that a step does not have.
    public func batch(epoch: Int, step: Int, samples: Range<Int>) throws -> Batch {
        batch(of: try rows(ofStep: step, samples: samples, epoch: epoch, in: order))
    }

    private func batch(of rows: [Int]) -> Batch {
        Batch(inputs: [resized(rows).tensor], targets: targets(rows), rows: rows)
    }

    /// The same batch with the resized images' bytes.
    ///
    /// - Throws: `TrainingError` for a step that an epoch does not have.
    public func storedBatch(epoch: Int, step: Int) throws -> Batch? {
        let rows = try rows(ofStep: step, epoch: epoch, in: order), resized = resized(rows)
        let unchanged = ImageDataGenerator.Change(transform: .identity, isMirrored: false, isUpsideDown: false)
        let stored = try StoredImages(resized, changes: rows.map { _ in unchanged }, fillMode: .nearest) {
            resized.tensor
        }
        return stored.map { Batch(images: $0, targets: targets(rows), rows: rows) }
    }

    private func targets(_ rows: [Int]) -> [Tensor] { targets.map { $0.gathered(rows: rows) } }

    private func resized(_ rows: [Int]) -> ByteImages {
        let bytes = rows.flatMap {
            images.image($0).resized(width: width, height: height, interpolation: .linear).pixels
        }
        return ByteImages(shape: [rows.count, height, width, 3], bytes: bytes, conversion: .unit)
    }
}
