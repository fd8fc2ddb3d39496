import Imaging
import Plotting
import Tensors

extension PixelImage {
    init(_ image: Image) { self.init(width: image.width, height: image.height, pixels: image.pixels) }

    /// The images of a `[samples, height, width, 3]` tensor, 0 to 255.
    static func images(of tensor: Tensor) -> [PixelImage] {
        let shape = tensor.shape.sample
        return (0..<tensor.shape[0]).map { PixelImage(Image(tensor[rows: $0..<$0 + 1].reshaped(to: shape))) }
    }
}
