import Tensors

/// A `[height, width, channels]` array that can be resized, cut and mirrored: an ``Image`` (8 bits, rounded as OpenCV
/// rounds them) or a `Tensor` of rank 3.
public protocol Pixels: Sendable {
    associatedtype Scalar: Sendable
    var shape: Shape { get }
    /// Row major.
    var scalars: [Scalar] { get }
    init(shape: Shape, scalars: [Scalar])

    /// OpenCV's `cv2.resize`; the same pixels where the size is the same.
    ///
    /// - Precondition: there is a pixel, and is to be one.
    func resized(width: Int, height: Int, interpolation: Interpolation) -> Self
}

extension Tensor: Pixels {}

extension Image: Pixels {
    public var scalars: [UInt8] { pixels }

    /// - Precondition: three channels.
    public init(shape: Shape, scalars: [UInt8]) {
        self.init(height: shape[0], width: shape[1], pixels: scalars)
    }
}

// Inlinable, so that other modules' calls are compiled for the scalar that they have.
extension Pixels {
    /// The rectangle of these rows and columns.
    ///
    /// - Precondition: it is inside the image.
    @inlinable
    public func cropped(rows: Range<Int>, columns: Range<Int>) -> Self {
        let (width, channels) = (shape[1], shape[2])
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= shape[0] && columns.lowerBound >= 0
                && columns.upperBound <= width, "rows \(rows), columns \(columns) are not inside an image \(shape)")
        var part: [Scalar] = []
        part.reserveCapacity(rows.count * columns.count * channels)
        for row in rows {
            let start = (row * width + columns.lowerBound) * channels
            part.append(contentsOf: scalars[start..<start + columns.count * channels])
        }
        return Self(shape: [rows.count, columns.count, channels], scalars: part)
    }

    /// Left and right exchanged: OpenCV's `cv2.flip(image, 1)`.
    @inlinable
    public func mirrored() -> Self {
        let (height, width, channels) = (shape[0], shape[1], shape[2])
        let mirror = [Scalar](unsafeUninitializedCapacity: height * width * channels) { target, count in
            scalars.withUnsafeBufferPointer { source in
                for row in 0..<height {
                    for column in 0..<width {
                        let (old, new) = (row * width + column, row * width + width - 1 - column)
                        for channel in 0..<channels {
                            target.initializeElement(at: new * channels + channel, to: source[old * channels + channel])
                        }
                    }
                }
            }
            count = height * width * channels
        }
        return Self(shape: shape, scalars: mirror)
    }
}
