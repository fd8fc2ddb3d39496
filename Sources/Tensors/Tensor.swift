import System

/// A dense array of 32-bit floats in host memory, in row-major order: the last axis varies fastest.
///
/// Backends keep their own layouts. Everything that leaves them is a `Tensor` in Keras's axis order (see ``Shape``).
public struct Tensor: Sendable, Equatable {
    public let shape: Shape
    public var scalars: [Float]

    /// - Precondition: `scalars.count` is `shape.count`. Otherwise the program ends with a message.
    public init(shape: Shape, scalars: [Float]) {
        guard scalars.count == shape.count else {
            stop("\(scalars.count) numbers do not fill a tensor of shape \(shape)")
        }
        self.shape = shape
        self.scalars = scalars
    }

    public init(repeating value: Float = 0, shape: Shape) {
        guard shape.count >= 0 else { stop("a tensor cannot have the shape \(shape)") }
        self.init(shape: shape, scalars: [Float](repeating: value, count: shape.count))
    }

    /// The number of elements.
    public var count: Int { scalars.count }

    /// The number of rows, which is the first dimension; 0 for a scalar.
    public var rowCount: Int { shape.dimensions.first ?? 0 }

    /// The same elements with another shape of the same count.
    public func reshaped(to shape: Shape) -> Tensor { Tensor(shape: shape, scalars: scalars) }

    /// The rows in `range` along the first axis.
    public subscript(rows range: Range<Int>) -> Tensor {
        let row = shape.sample.count
        guard range.lowerBound >= 0, range.upperBound <= rowCount else {
            stop("rows \(range) are not among the \(rowCount) of a tensor of shape \(shape)")
        }
        return Tensor(
            shape: shape.sample.batched(range.count),
            scalars: Array(scalars[range.lowerBound * row..<range.upperBound * row]))
    }

    /// The rows at `indices` along the first axis, in that order.
    public func gathered(rows indices: some Collection<Int>) -> Tensor {
        // All rows in their order need no copy, whose memory would take longer to come by than its numbers.
        if indices.count == rowCount, indices.elementsEqual(0..<rowCount) { return self }
        let row = shape.sample.count
        var gathered: [Float] = []
        gathered.reserveCapacity(indices.count * row)
        for index in indices {
            guard (0..<rowCount).contains(index) else {
                stop("row \(index) is not among the \(rowCount) of a tensor of shape \(shape)")
            }
            gathered.append(contentsOf: scalars[index * row..<(index + 1) * row])
        }
        return Tensor(shape: shape.sample.batched(indices.count), scalars: gathered)
    }
}

extension Tensor {
    /// The sum, element by element.
    ///
    /// The program ends with one line if the shapes differ.
    public static func + (left: Tensor, right: Tensor) -> Tensor {
        guard left.shape == right.shape else { stop("\(left.shape) and \(right.shape) cannot be added") }
        return Tensor(shape: left.shape, scalars: zip(left.scalars, right.scalars).map(+))
    }
}
