import Tensors

/// By how much a tensor misses its reference, against what is allowed.
public struct Difference: CustomStringConvertible {
    public let name: String
    /// The worst element's difference over what it was allowed: at most 1 is a match.
    public let ratio: Double
    public let largest: Double
    public let isSameShape: Bool

    public var isWithinTolerance: Bool { isSameShape && ratio <= 1 }
    public var description: String {
        isSameShape ? "\(name): off by \(largest), \(ratio) of what is allowed" : "\(name) has another shape"
    }

    /// An element matches where `|a - b| <= absolute + relative * |b|`.
    public init(_ name: String, _ value: Tensor, _ reference: Tensor, absolute: Double, relative: Double = 0) {
        self.name = name
        isSameShape = value.shape == reference.shape
        var ratio = 0.0, largest = 0.0
        for (a, b) in zip(value.scalars, reference.scalars) {
            let difference = abs(Double(a) - Double(b))
            // Not a number is no match, and an exact match needs no tolerance.
            let allowed = absolute + relative * abs(Double(b))
            let share = difference == 0 ? 0 : difference / allowed
            ratio = share.isNaN ? .infinity : max(ratio, share)
            largest = max(largest, difference)
        }
        self.ratio = ratio
        self.largest = largest
    }
}
