/// The stretch of numbers that an axis shows.
struct AxisRange: Equatable, Sendable {
    var low: Double
    var high: Double

    /// Numbers beyond this are drawn at the edge, so that no difference of two of them overflows.
    static let largest = 1e300
    /// Below this everything is zero, so that no power of ten that is needed underflows.
    static let smallest = 1e-290

    var span: Double { high - low }

    /// Where `value` lies, 0 at `low` and 1 at `high`.
    func fraction(of value: Double) -> Double {
        (min(max(value, -Self.largest), Self.largest) - low) / span
    }

    /// The finite ones of `values` with 5 % to spare at either end, as matplotlib leaves; 0 to 1 if there are none.
    ///
    /// Where all values are equal there is nothing to take 5 % of: a twentieth of the value is shown on either side,
    /// or, where `wholeNumbers` are counted, one half.
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
