import System
import Tensors

/// A `[height, width, channels]` array that can be resized, cropped and mirrored: an ``Image`` (8 bits, rounded as in
/// OpenCV) or a `Tensor` of rank 3.
public protocol Pixels: Sendable {
    associatedtype Scalar: Sendable
    var shape: Shape { get }
    /// The elements in row-major order.
    var scalars: [Scalar] { get }
    init(shape: Shape, scalars: [Scalar])
    /// The same numbers as floats.
    var tensor: Tensor { get }

    /// Resizes as OpenCV's `cv2.resize`. The same size returns the same pixels.
    ///
    /// - Precondition: the image and the new size have at least one pixel. Otherwise the program ends with a message.
    func resized(width: Int, height: Int, interpolation: Interpolation) -> Self

    /// The rectangle of these rows and columns.
    ///
    /// - Precondition: it is inside the image. Otherwise the program ends with a message.
    func cropped(rows: Range<Int>, columns: Range<Int>) -> Self

    /// The image with left and right exchanged, as OpenCV's `cv2.flip(image, 1)`.
    func mirrored() -> Self
}

extension Tensor: Pixels {
    public var tensor: Tensor { self }

    public func cropped(rows: Range<Int>, columns: Range<Int>) -> Tensor { crop(self, rows: rows, columns: columns) }

    /// Mirrors an image, or every image of a batch: `[..., width, channels]`.
    public func mirrored() -> Tensor {
        guard shape.rank >= 2 else { stop("an image is (height, width, channels), not \(shape)") }
        let (width, channels) = (shape[shape.rank - 2], shape[shape.rank - 1])
        return Tensor(shape: shape, scalars: mirror(scalars, width: width, channels: channels))
    }
}

extension Image: Pixels {
    public var scalars: [UInt8] { pixels }
    public var tensor: Tensor { Tensor(self) }

    /// - Precondition: there are three channels. Otherwise the program ends with a message.
    public init(shape: Shape, scalars: [UInt8]) {
        guard shape.rank == 3, shape[2] == 3 else { stop("an image is (height, width, 3), not \(shape)") }
        self.init(height: shape[0], width: shape[1], pixels: scalars)
    }

    public func cropped(rows: Range<Int>, columns: Range<Int>) -> Image { crop(self, rows: rows, columns: columns) }
    public func mirrored() -> Image {
        Image(height: height, width: width, pixels: mirror(pixels, width: width, channels: 3))
    }
}

extension ByteImages {
    /// The images with left and right exchanged, also in their floats.
    public func mirrored() -> ByteImages {
        let (width, channels) = (shape[2], shape[3])
        return ByteImages(
            shape: shape, bytes: mirror(bytes, width: width, channels: channels), conversion: conversion.mirrored())
    }
}

// Functions in this file instead of methods of the protocol, so that the compiler specializes them for each scalar type.

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

private func mirror<Scalar>(_ scalars: [Scalar], width: Int, channels: Int) -> [Scalar] {
    [Scalar](unsafeUninitializedCapacity: scalars.count) { target, count in
        scalars.withUnsafeBufferPointer { source in
            for start in stride(from: 0, to: source.count, by: max(width * channels, 1)) {
                for column in 0..<width {
                    let old = start + column * channels
                    let new = start + (width - 1 - column) * channels
                    for channel in 0..<channels {
                        target.initializeElement(at: new + channel, to: source[old + channel])
                    }
                }
            }
        }
        count = scalars.count
    }
}
