import Imaging
import Tensors

/// Cuts out a rectangle of a fixed size at a random place, all places being equally likely.
public struct PatchPreprocessor: Preprocessor {
    public let width: Int
    public let height: Int

    public init(width: Int, height: Int) {
        requireSize(width, height)
        self.width = width
        self.height = height
    }

    public func preprocess(_ image: Tensor, random: RandomStream) throws -> Tensor {
        try checkImage(image.shape)
        guard image.shape[0] >= height, image.shape[1] >= width else {
            throw PreprocessingError.tooSmall(width: width, height: height, image.shape)
        }
        let row = random.place(0, among: image.shape[0] - height + 1)
        let column = random.place(1, among: image.shape[1] - width + 1)
        return image.cropped(rows: row..<row + height, columns: column..<column + width)
    }
}
