import Tensors

/// A batch of images as bytes, with what makes a network's input of them: each byte becomes a float, then each image is
/// warped, mirrored and turned upside down.
///
/// A plan that takes stored images makes the floats where it computes, so that a quarter of the bytes travel. All other
/// plans take ``tensor``, whose bits are the same. Two batches are the same if they are the same object.
public final class StoredImages: Sendable {
    /// `[batch, height, width, channels]`
    public let shape: Shape
    /// The values as they are stored, in row-major order.
    public let bytes: [UInt8]
    /// What becomes of a byte.
    public let conversion: Conversion
    /// What happens to each image after the conversion.
    public let changes: [Change]
    /// The pixels outside of an image.
    public let outside: Outside
    /// Whether a warp takes the mean of the four pixels around a place, and not the nearest one.
    public let isInterpolated: Bool
    private let makeTensor: @Sendable () -> Tensor

    /// - Parameters:
    ///   - shape: `[batch, height, width, channels]`.
    ///   - bytes: in row-major order.
    ///   - conversion: what becomes of a byte.
    ///   - changes: one for each image.
    ///   - outside: the pixels outside of an image.
    ///   - isInterpolated: whether a warp takes the mean of the four pixels around a place, and not the nearest one.
    ///   - tensor: makes the floats on the processor.
    /// - Throws: ``BackendError`` if these do not fit each other.
    public init(
        shape: Shape, bytes: [UInt8], conversion: Conversion, changes: [Change], outside: Outside,
        isInterpolated: Bool = true, tensor: @escaping @Sendable () -> Tensor
    ) throws {
        guard shape.rank == 4, bytes.count == shape.count, changes.count == shape[0],
            [conversion.offsets, conversion.divisors].allSatisfy({ [1, shape.sample.count].contains($0.count) })
        else {
            throw BackendError("\(bytes.count) bytes and \(changes.count) changes do not make images of shape \(shape)")
        }
        self.shape = shape
        self.bytes = bytes
        self.conversion = conversion
        self.changes = changes
        self.outside = outside
        self.isInterpolated = isInterpolated
        makeTensor = tensor
    }

    /// The floats, made on the processor each time.
    public var tensor: Tensor { makeTensor() }

    /// No float is larger in magnitude, nor is a number on the way to it. No float is made to find out. Infinite or NaN
    /// if some floats may not be finite.
    public var largestMagnitude: Float {
        var pixels = [conversion.largestMagnitude]
        if case .constant(let value) = outside { pixels.append(value) }
        // A pixel and the difference of two others, rounded.
        return 4 * pixels.withUnsafeBufferPointer(\.largestMagnitude)
    }

    /// What becomes of a byte: `(byte - offset) / divisor`, each rounded to a float.
    public struct Conversion: Sendable, Equatable {
        /// One number for all values of an image, or one for each.
        public let offsets: [Float]
        /// One number for all values of an image, or one for each.
        public let divisors: [Float]
        /// The largest magnitude that becomes of a byte; infinite or NaN if some are not finite.
        let largestMagnitude: Float

        /// - Parameters:
        ///   - offsets: one number for all values of an image, or one for each.
        ///   - divisors: one number for all values of an image, or one for each.
        public init(offsets: [Float] = [0], divisors: [Float] = [1]) {
            self.offsets = offsets
            self.divisors = divisors
            // The quotient rises or falls with the byte, so its extremes are those of the first and the last byte.
            var extremes: [Float] = []
            extremes.reserveCapacity(2 * max(offsets.count, divisors.count))
            for i in 0..<max(offsets.count, divisors.count) {
                let offset = offsets[min(i, offsets.count - 1)], divisor = divisors[min(i, divisors.count - 1)]
                extremes.append((0 - offset) / divisor)
                extremes.append((255 - offset) / divisor)
            }
            largestMagnitude = extremes.withUnsafeBufferPointer(\.largestMagnitude)
        }
    }

    /// What happens to an image: it is warped, then mirrored, then turned upside down, then a rectangle becomes 0.
    public struct Change: Sendable {
        /// The row of the image that a pixel of the result comes from: the factors of the result's row and column, and
        /// the offset.
        public let row: SIMD3<Double>
        /// The same for the column.
        public let column: SIMD3<Double>
        /// Whether left and right are exchanged.
        public let isMirrored: Bool
        /// Whether top and bottom are exchanged.
        public let isUpsideDown: Bool
        /// The rows and columns of the result whose pixels become 0, inside the image; none if one of them is empty.
        public let erasedRows: Range<Int>, erasedColumns: Range<Int>

        /// By default the image stays as it is.
        public init(
            row: SIMD3<Double> = [1, 0, 0], column: SIMD3<Double> = [0, 1, 0], isMirrored: Bool = false,
            isUpsideDown: Bool = false, erasedRows: Range<Int> = 0..<0, erasedColumns: Range<Int> = 0..<0
        ) {
            self.row = row
            self.column = column
            self.isMirrored = isMirrored
            self.isUpsideDown = isUpsideDown
            self.erasedRows = erasedRows
            self.erasedColumns = erasedColumns
        }

        /// Whether pixels come from other places.
        public var isWarped: Bool { row != [1, 0, 0] || column != [0, 1, 0] }
    }

    /// The values that a warp reads outside of an image. The examples extend a row `abcd`.
    public enum Outside: Sendable, Equatable {
        /// `aaaa|abcd|dddd`
        case nearest
        /// The given value everywhere outside. Pixels are not blended across the border.
        case constant(Float)
        /// `dcba|abcd|dcba`
        case reflect
        /// The image repeated with a period of n - 1, in which the last pixel and the first coincide.
        case wrap
    }
}
