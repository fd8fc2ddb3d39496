import System
import Tensors

/// Images of one size in memory, one after the other, of which batches of floats are made.
public protocol ImageArray: Sendable {
    /// `[samples, height, width, channels]`
    var shape: Shape { get }
    /// Writes the floats of an image, `[height, width, channels]`.
    ///
    /// - Parameters:
    ///   - row: the image's number, counted from 0.
    ///   - target: has room for all of them.
    func copyImage(_ row: Int, to target: UnsafeMutablePointer<Float>)
}

extension Tensor: ImageArray {
    public func copyImage(_ row: Int, to target: UnsafeMutablePointer<Float>) {
        let size = shape.sample.count
        scalars.withUnsafeBufferPointer { scalars in
            let image = UnsafeBufferPointer(rebasing: scalars[row * size..<(row + 1) * size])
            _ = UnsafeMutableBufferPointer(start: target, count: size).update(fromContentsOf: image)
        }
    }
}

/// Images of one size in memory, with a byte for each value: a quarter of what floats take. The images become floats
/// where a batch is made, as ``conversion`` says.
public struct ByteImages: ImageArray, Equatable {
    /// `[samples, height, width, channels]`
    public let shape: Shape
    /// The values, in row-major order.
    public let bytes: [UInt8]
    /// What becomes of a byte when it becomes a float.
    public var conversion: ByteConversion

    /// The program ends with one line if this is not the shape of images, or the bytes do not fill it.
    ///
    /// - Parameters:
    ///   - shape: `[samples, height, width, channels]`.
    ///   - bytes: in row-major order.
    ///   - conversion: what becomes of a byte when it becomes a float.
    public init(shape: Shape, bytes: [UInt8], conversion: ByteConversion = .plain) {
        guard shape.rank == 4 else {
            stop("images must have the shape (samples, height, width, channels), not \(shape)")
        }
        guard bytes.count == shape.count else { stop("\(bytes.count) bytes do not fill images of shape \(shape)") }
        self.shape = shape
        self.bytes = bytes
        self.conversion = conversion
    }

    /// The images in `range`.
    ///
    /// The program ends with one line if there are fewer.
    public subscript(rows range: Range<Int>) -> ByteImages { gathered(rows: range) }

    /// The images at `rows`, in that order.
    ///
    /// The program ends with one line if one of them does not exist.
    public func gathered(rows: some Collection<Int>) -> ByteImages {
        let size = shape.sample.count
        var gathered: [UInt8] = []
        gathered.reserveCapacity(rows.count * size)
        for row in rows { gathered += self.bytes(of: row) }
        return ByteImages(shape: shape.sample.batched(rows.count), bytes: gathered, conversion: conversion)
    }

    /// The bytes of an image, `[height, width, channels]`.
    ///
    /// The program ends with one line if it does not exist.
    public func bytes(of row: Int) -> ArraySlice<UInt8> {
        let size = shape.sample.count
        guard (0..<shape[0]).contains(row) else { stop("image \(row) is not among the \(shape[0]) of shape \(shape)") }
        return bytes[row * size..<(row + 1) * size]
    }

    /// An image as it is stored, whatever the conversion.
    ///
    /// The program ends with one line if it does not exist, or the images have other than three channels.
    public func image(_ row: Int) -> Image { Image(shape: shape.sample, scalars: Array(bytes(of: row))) }

    /// The floats of all images.
    public var tensor: Tensor {
        let size = shape.sample.count
        let scalars = [Float](unsafeUninitializedCapacity: bytes.count) { buffer, count in
            guard let target = buffer.baseAddress else { return }
            for row in 0..<shape[0] { copyImage(row, to: target + row * size) }
            count = bytes.count
        }
        return Tensor(shape: shape, scalars: scalars)
    }

    public func copyImage(_ row: Int, to target: UnsafeMutablePointer<Float>) {
        bytes(of: row).withUnsafeBufferPointer { image in
            guard let image = image.baseAddress else { return }
            conversion(image, to: target, shape: shape.sample)
        }
    }

    /// The mean of all images, value by value, `[height, width, channels]`: NumPy's `mean(axis=0)`, in double precision.
    public func meanImage() -> Tensor {
        let size = shape.sample.count
        var sums = [Int](repeating: 0, count: size)
        bytes.withUnsafeBufferPointer { bytes in
            for start in stride(from: 0, to: bytes.count, by: max(size, 1)) {
                for i in 0..<size { sums[i] &+= Int(bytes[start &+ i]) }
            }
        }
        let count = Double(max(shape[0], 1))
        return Tensor(shape: shape.sample, scalars: sums.map { Float(Double($0) / count) })
    }

    /// The mean and the standard deviation of every channel over all images, in double precision.
    public func channelStatistics() -> (mean: [Float], deviation: [Float]) {
        let channels = max(shape[3], 1)
        let count = Double(max(bytes.count / channels, 1))
        var sums = [Int](repeating: 0, count: channels), squares = [Double](repeating: 0, count: channels)
        bytes.withUnsafeBufferPointer { bytes in
            for start in stride(from: 0, to: bytes.count, by: channels) {
                for c in 0..<channels { sums[c] &+= Int(bytes[start &+ c]) }
            }
            let means = sums.map { Double($0) / count }
            for start in stride(from: 0, to: bytes.count, by: channels) {
                for c in 0..<channels {
                    let difference = Double(bytes[start &+ c]) - means[c]
                    squares[c] += difference * difference
                }
            }
        }
        return (sums.map { Float(Double($0) / count) }, squares.map { Float(($0 / count).squareRoot()) })
    }
}
