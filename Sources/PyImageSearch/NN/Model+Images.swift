import Imaging
import NeuralNetwork
import Tensors

extension Model {
    /// The first output for every image, in inference mode: Keras's `predict`. Bytes become floats a batch at a time.
    ///
    /// The program ends with one line if the batch size is not positive.
    ///
    /// - Parameters:
    ///   - images: of the model's input shape.
    ///   - batchSize: images that are computed together.
    ///   - verbose: whether progress is shown, if it takes more than two seconds.
    /// - Returns: `[images, ...]`, of the output's shape.
    /// - Throws: `TrainingError`, also naming a layer's output that is not finite; `BackendError`.
    public func predict(_ images: ByteImages, batchSize: Int = 32, verbose: Bool = false) throws -> Tensor {
        try predict(ImageDataGenerator().flow(images, batchSize: batchSize, shuffle: false), verbose: verbose)
    }
}
