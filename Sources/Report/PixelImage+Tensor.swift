import Imaging
import Plotting
import Tensors

extension PixelImage {
    init(_ image: Image) { self.init(width: image.width, height: image.height, pixels: image.pixels) }

    /// An image of numbers, `[height, width, 3]` in row-major order. The lower end of `range` becomes 0, the upper end
    /// 255. Values outside are clamped, and NaN becomes 0.
    init(width: Int, height: Int, values: [Float], range: ClosedRange<Float>) {
        let span = range.upperBound - range.lowerBound
        let colors = values.map { span > 0 ? ($0 - range.lowerBound) / span * 255 : 127.5 }
        self.init(Image(Tensor(shape: [height, width, 3], scalars: colors)))
    }

    /// The images of a `[samples, height, width, 3]` tensor, 0 to 255.
    static func images(of tensor: Tensor) -> [PixelImage] {
        let shape = tensor.shape.sample
        return (0..<tensor.shape[0]).map { PixelImage(Image(tensor[rows: $0..<$0 + 1].reshaped(to: shape))) }
    }

    /// The images as they are stored.
    static func images(of images: ByteImages) -> [PixelImage] {
        (0..<images.shape[0]).map { PixelImage(images.image($0)) }
    }
}
