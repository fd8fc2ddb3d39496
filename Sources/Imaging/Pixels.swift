import System
import Tensors

/// A `[height, width, channels]` array that can be resized, cut and mirrored: an ``Image`` (8 bits, rounded as OpenCV
/// rounds them) or a `Tensor` of rank 3.
public protocol Pixels: Sendable {
    associatedtype Scalar: Sendable
    var shape: Shape { get }
    /// Row major.
    var scalars: [Scalar] { get }
    init(shape: Shape, scalars: [Scalar])
    /// The same numbers as floats.
    var tensor: Tensor { get }

    /// OpenCV's `cv2.resize`; the same pixels where the size is the same.
    ///
    /// An image without pixels, or a size of 0, ends the program with one line.
    func resized(width: Int, height: Int, interpolation: Interpolation) -> Self

    /// The rectangle of these rows and columns.
    ///
    /// The program ends where it is not inside the image.
    func cropped(rows: Range<Int>, columns: Range<Int>) -> Self

    /// Left and right exchanged: OpenCV's `cv2.flip(image, 1)`.
    func mirrored() -> Self
}

extension Tensor: Pixels {
    public var tensor: Tensor { self }

    public func cropped(rows: Range<Int>, columns: Range<Int>) -> Tensor { crop(self, rows: rows, columns: columns) }

    /// Of an image, or of every image of a batch: `[..., width, channels]`.
    public func mirrored() -> Tensor {
        guard shape.rank >= 2 else { stop("an image is (height, width, channels), not \(shape)") }
        let columns = Array(shape.dimensions.suffix(2))
        let rows = count / max(columns.reduce(1, *), 1)
        return mirror(reshaped(to: Shape([rows] + columns))).reshaped(to: shape)
    }
}

extension Image: Pixels {
    public var scalars: [UInt8] { pixels }
    public var tensor: Tensor { Tensor(self) }

    /// The program ends where there are not three channels.
    public init(shape: Shape, scalars: [UInt8]) {
        guard shape.rank == 3, shape[2] == 3 else { stop("an image is (height, width, 3), not \(shape)") }
        self.init(height: shape[0], width: shape[1], pixels: scalars)
    }

    public func cropped(rows: Range<Int>, columns: Range<Int>) -> Image { crop(self, rows: rows, columns: columns) }
    public func mirrored() -> Image { mirror(self) }
}

// In this file, and not methods of the protocol, so that they are compiled for each kind of scalar.

private func crop<Picture: Pixels>(_ image: Picture, rows: Range<Int>, columns: Range<Int>) -> Picture {
    let (width, channels) = (image.shape[1], image.shape[2])
    guard rows.lowerBound >= 0, rows.upperBound <= image.shape[0], columns.lowerBound >= 0, columns.upperBound <= width
    else { stop("rows \(rows), columns \(columns) are not inside an image \(image.shape)") }
    let scalars = image.scalars
    var part: [Picture.Scalar] = []
    part.reserveCapacity(rows.count * columns.count * channels)
    for row in rows {
        let start = (row * width + columns.lowerBound) * channels
        part.append(contentsOf: scalars[start..<start + columns.count * channels])
    }
    return Picture(shape: [rows.count, columns.count, channels], scalars: part)
}

private func mirror<Picture: Pixels>(_ image: Picture) -> Picture {
    let (height, width, channels) = (image.shape[0], image.shape[1], image.shape[2])
    let scalars = [Picture.Scalar](unsafeUninitializedCapacity: height * width * channels) { target, count in
        image.scalars.withUnsafeBufferPointer { source in
            for row in 0..<height {
                for column in 0..<width {
                    let old = (row * width + column) * channels
                    let new = (row * width + width - 1 - column) * channels
                    for channel in 0..<channels {
                        target.initializeElement(at: new + channel, to: source[old + channel])
                    }
                }
            }
        }
        count = height * width * channels
    }
    return Picture(shape: image.shape, scalars: scalars)
}
