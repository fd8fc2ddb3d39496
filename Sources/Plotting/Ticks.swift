/// A round distance between ticks: 1, 2, 2.5 or 5 times a power of ten.
struct TickStep: Equatable, Sendable {
    /// Ten times the leading digits, a whole number: 10, 20, 25 or 50.
    var tenths: Double
    /// The power of ten by which `tenths` is multiplied.
    var exponent: Int

    /// The length of `count` steps. A single product or quotient of whole numbers makes 3 steps of 0.1 exactly 0.3.
    func multiple(_ count: Double) -> Double {
        exponent < 0 ? count * tenths / powerOfTen(-exponent) : count * tenths * powerOfTen(exponent)
    }

    var value: Double { multiple(1) }

    /// The number of decimals that tell all multiples apart.
    var decimals: Int {
        let needed = tenths == 25 ? -exponent : -exponent - 1
        return max(0, needed)
    }

    /// The smallest round step that is at least `distance`, and a whole number if `wholeNumbers`.
    static func atLeast(_ distance: Double, wholeNumbers: Bool = false) -> TickStep {
        var exponent = -1
        // Both loops end: `AxisRange` keeps distances within the powers of ten of a Double.
        while exponent > -300, TickStep(tenths: 10, exponent: exponent).value > distance { exponent -= 1 }
        while exponent < 300, TickStep(tenths: 10, exponent: exponent + 1).value <= distance { exponent += 1 }
        let candidates = [10.0, 20, 25, 50].map { TickStep(tenths: $0, exponent: exponent) }
        let round = candidates.first { $0.value >= distance } ?? TickStep(tenths: 10, exponent: exponent + 1)
        guard wholeNumbers else { return round }
        if round.exponent < -1 { return TickStep(tenths: 10, exponent: -1) }
        // 2.5 is the only round step above 1 that is not whole.
        return round.decimals > 0 ? TickStep(tenths: 50, exponent: -1) : round
    }
}

/// Round numbers on an axis, with at most `maximumIntervals` intervals.
struct Ticks: Equatable, Sendable {
    var values: [Double]
    var step: TickStep

    init(in range: AxisRange, maximumIntervals: Int, wholeNumbers: Bool = false) {
        step = TickStep.atLeast(range.span / Double(max(1, maximumIntervals)), wholeNumbers: wholeNumbers)
        let first = (range.low / step.value).rounded(.up), last = (range.high / step.value).rounded(.down)
        values = []
        var count = first
        // A range is far less than 2^53 steps from zero, so adding one always changes the count.
        while count <= last, values.count <= 100 {
            values.append(step.multiple(count) + 0)  // Plus zero turns -0 into 0.
            count += 1
        }
    }
}

private func powerOfTen(_ exponent: Int) -> Double {
    // Up to 10^22 these products are exact.
    var power = 1.0
    for _ in 0..<exponent { power *= 10 }
    return power
}
