import Imaging
import NeuralNetwork
import Tensors

/// Batches of images that are resized when they are needed and divided by 255: 50,000 images of CIFAR-10 at 224x224
/// would take 30 GB at once.
///
/// Pixels are bytes and are rounded as `cv2.resize` with `INTER_LINEAR` rounds them.
public struct ResizedBatches: BatchGenerator {
    private let batches: ArrayBatches
    private let width: Int
    private let height: Int

    /// - Parameters:
    ///   - images: `[samples, height, width, 3]`, RGB, 0 to 255.
    ///   - targets: for each output of the model, `[samples, ...]`.
    ///   - width: of the images in a batch, in pixels.
    ///   - height: of the images in a batch, in pixels.
    ///   - batchSize: samples in every batch; the last one of an epoch may have fewer.
    ///   - shuffle: whether every epoch has another order.
    ///   - seed: determines the orders.
    /// - Throws: `TrainingError` if the shapes do not fit, or there are no samples.
    public init(
        images: Tensor, targets: [Tensor], width: Int, height: Int, batchSize: Int, shuffle: Bool, seed: UInt64
    ) throws {
        guard images.shape.rank == 4, images.shape[3] == 3 else {
            throw TrainingError("images must have the shape (samples, height, width, 3), not \(images.shape)")
        }
        requireSize(width, height)
        batches = try ArrayBatches(
            inputs: [images], targets: targets, batchSize: batchSize, shuffle: shuffle, seed: seed)
        self.width = width
        self.height = height
    }

    /// Samples in one epoch.
    public var sampleCount: Int { batches.sampleCount }
    /// Samples in every batch; the last one of an epoch may have fewer.
    public var batchSize: Int { batches.batchSize }

    /// The batch of a step: images `[batch, height, width, 3]`, from 0 to 1, and the targets.
    ///
    /// - Throws: `TrainingError` for a step that an epoch does not have, or a pixel that is not finite.
    public func batch(epoch: Int, step: Int) throws -> Batch {
        var batch = try batches.batch(epoch: epoch, step: step)
        // The conversion to bytes would hide it.
        if let sample = batch.inputs[0].firstRowThatIsNotFinite {
            throw TrainingError("image \(batch.rows?[sample] ?? sample) holds an infinity or a NaN")
        }
        batch.inputs = [resized(batch.inputs[0])]
        return batch
    }

    /// `[samples, height, width, 3]`, from 0 to 1.
    private func resized(_ images: Tensor) -> Tensor {
        let small = images.shape.sample
        let shape: Shape = [images.shape[0], height, width, 3]
        let scalars = [Float](unsafeUninitializedCapacity: shape.count) { buffer, count in
            for row in 0..<shape[0] {
                let pixels = [UInt8](rounding: images.scalars[row * small.count..<(row + 1) * small.count])
                let image = Image(height: small[0], width: small[1], pixels: pixels)
                    .resized(width: width, height: height, interpolation: .linear)
                for pixel in image.pixels {
                    buffer.initializeElement(at: count, to: Float(pixel) / 255)
                    count += 1
                }
            }
        }
        return Tensor(shape: shape, scalars: scalars)
    }
}
