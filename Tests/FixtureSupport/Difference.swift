import Tensors

/// The difference of a tensor from its reference, relative to the tolerance.
public struct Difference: CustomStringConvertible {
    public let name: String
    /// The largest difference of an element over its tolerance: at most 1 for a match.
    public let ratio: Double
    public let largest: Double
    public let isSameShape: Bool

    public var isWithinTolerance: Bool { isSameShape && ratio <= 1 }
    public var description: String {
        isSameShape ? "\(name): off by \(largest), \(ratio) of what is allowed" : "\(name) has another shape"
    }

    /// An element matches if `|a - b| <= absolute + relative * |b|`.
    public init(_ name: String, _ value: Tensor, _ reference: Tensor, absolute: Double, relative: Double = 0) {
        self.name = name
        isSameShape = value.shape == reference.shape
        var ratio = 0.0, largest = 0.0
        for (a, b) in zip(value.scalars, reference.scalars) {
            let difference = abs(Double(a) - Double(b))
            // NaN never matches, and an exact match needs no tolerance.
            let allowed = absolute + relative * abs(Double(b))
            let share = difference == 0 ? 0 : difference / allowed
            ratio = share.isNaN ? .infinity : max(ratio, share)
            largest = max(largest, difference)
        }
        self.ratio = ratio
        self.largest = largest
    }
}
