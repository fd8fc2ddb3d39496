import System

/// The extent of a tensor along each of its axes, outermost first.
///
/// Activations are `[batch, height, width, channels]` (NHWC), convolution kernels
/// `[height, width, input channels, filters]`, dense kernels `[inputs, units]`, as in Keras.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral {
    public var dimensions: [Int]

    public init(_ dimensions: [Int]) { self.dimensions = dimensions }
    public init(arrayLiteral dimensions: Int...) { self.dimensions = dimensions }

    /// Number of axes; a scalar has none.
    public var rank: Int { dimensions.count }

    /// Number of elements: the product of the dimensions, 1 for a scalar.
    public var count: Int {
        dimensions.reduce(1) { product, dimension in
            let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
            guard !overflow else { stop("a tensor of shape \(self) has more elements than can be counted") }
            return next
        }
    }

    /// What a sample or a weight may have: libraries count in 32 bits, and what multiplies a few of these does not
    /// overflow.
    public static let largestCount = Int(Int32.max)

    /// Whether ``count`` can be worked out and is at most ``largestCount``; dimensions from a file may be anything.
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

    /// This shape with one more axis in front: a sample's shape becomes that of a batch.
    public func batched(_ batchSize: Int) -> Shape { Shape([batchSize] + dimensions) }

    /// This shape without its first axis: a batch's shape becomes that of a sample.
    public var sample: Shape { Shape(Array(dimensions.dropFirst())) }
}

extension Shape: CustomStringConvertible {
    public var description: String { "(" + dimensions.map(String.init).joined(separator: ", ") + ")" }
}
