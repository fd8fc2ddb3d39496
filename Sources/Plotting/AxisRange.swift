/// The range of numbers that an axis shows.
struct AxisRange: Equatable, Sendable {
    var low: Double
    var high: Double

    /// Larger magnitudes are drawn at the edge, so that differences do not overflow.
    static let largest = 1e300
    /// Smaller magnitudes count as zero, so that powers of ten do not underflow.
    static let smallest = 1e-290

    var span: Double { high - low }

    /// The position of `value`: 0 at `low`, 1 at `high`.
    func fraction(of value: Double) -> Double {
        (min(max(value, -Self.largest), Self.largest) - low) / span
    }

    /// A range that shows the finite `values` with a margin of 5 % at both ends, as in matplotlib; 0 to 1 if there are
    /// none.
    ///
    /// If all values are equal, it extends a twentieth of the value to both sides, or one half for `wholeNumbers`.
    static func showing(_ values: some Sequence<Double>, wholeNumbers: Bool = false) -> AxisRange {
        var low = Double.infinity, high = -Double.infinity
        for value in values where value.isFinite {
            low = min(low, value)
            high = max(high, value)
        }
        guard low <= high else { return AxisRange(low: 0, high: 1) }
        low = min(max(low, -largest), largest)
        high = min(max(high, -largest), largest)
        let magnitude = max(abs(low), abs(high))
        if magnitude < smallest {
            (low, high) = wholeNumbers ? (-0.5, 0.5) : (-0.05, 0.05)
        } else if high - low <= magnitude * 1e-12 {
            // Too close for ticks to tell apart.
            let middle = low / 2 + high / 2
            let room = wholeNumbers ? max(0.5, magnitude * 1e-9) : magnitude * 0.05
            (low, high) = (middle - room, middle + room)
        }
        let margin = (high - low) * 0.05
        return AxisRange(low: low - margin, high: high + margin)
    }
}
