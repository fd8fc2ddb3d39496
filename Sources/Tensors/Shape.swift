import System

/// The extent of a tensor along each of its axes, outermost first.
///
/// Activations are `[batch, height, width, channels]` (NHWC), convolution kernels
/// `[height, width, input channels, filters]`, dense kernels `[inputs, units]`, as in Keras.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral {
    public var dimensions: [Int]

    public init(_ dimensions: [Int]) { self.dimensions = dimensions }
    public init(arrayLiteral dimensions: Int...) { self.dimensions = dimensions }

    /// The number of axes, 0 for a scalar.
    public var rank: Int { dimensions.count }

    /// The number of elements: the product of the dimensions, 1 for a scalar.
    public var count: Int {
        dimensions.reduce(1) { product, dimension in
            let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
            guard !overflow else { stop("a tensor of shape \(self) has more elements than can be counted") }
            return next
        }
    }

    /// The largest number of elements of a sample or a weight. Libraries count in 32 bits, and products of a few such
    /// numbers do not overflow.
    public static let largestCount = Int(Int32.max)

    /// Whether ``count`` does not overflow and is at most ``largestCount``. Dimensions from a file may be any numbers.
    public var isCountable: Bool {
        var product = 1
        for dimension in dimensions {
            let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
            guard !overflow, (0...Self.largestCount).contains(next) else { return false }
            product = next
        }
        return true
    }

    public subscript(axis: Int) -> Int {
        get { dimensions[checked(axis)] }
        set { dimensions[checked(axis)] = newValue }
    }

    private func checked(_ axis: Int) -> Int {
        guard dimensions.indices.contains(axis) else { stop("a tensor of shape \(self) has no axis \(axis)") }
        return axis
    }

    /// This shape with another axis in front, which turns a sample's shape into a batch's.
    public func batched(_ batchSize: Int) -> Shape { Shape([batchSize] + dimensions) }

    /// This shape without its first axis, which turns a batch's shape into a sample's.
    public var sample: Shape { Shape(Array(dimensions.dropFirst())) }
}

extension Shape: CustomStringConvertible {
    public var description: String { "(" + dimensions.map(String.init).joined(separator: ", ") + ")" }
}
