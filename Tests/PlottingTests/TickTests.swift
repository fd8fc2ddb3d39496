import Testing
@testable import Plotting

@Test(arguments: [
    (0.7, 10.0, -1, 1.0), (1, 10, -1, 1), (1.1, 20, -1, 2), (2.1, 25, -1, 2.5), (2.6, 50, -1, 5), (5.1, 10, 0, 10),
    (0.011, 20, -3, 0.02), (0.1, 10, -2, 0.1), (30, 50, 0, 50),
])
func stepsAreTheNextRoundNumber(distance: Double, tenths: Double, exponent: Int, value: Double) {
    let step = TickStep.atLeast(distance)
    #expect(step == TickStep(tenths: tenths, exponent: exponent))
    #expect(step.value == value)
}

@Test(arguments: [(0.001, 1.0), (0.3, 1), (1.5, 2), (2.1, 5), (9.5, 10), (21, 25), (240, 250)])
func stepsBetweenEpochsAreWhole(distance: Double, value: Double) {
    #expect(TickStep.atLeast(distance, wholeNumbers: true).value == value)
}

@Test func ticksAreExact() {
    let ticks = Ticks(in: AxisRange(low: -0.05, high: 1.05), maximumIntervals: 9)
    #expect(ticks.values == [0, 0.2, 0.4, 0.6, 0.8, 1])
    #expect(ticks.labels == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])

    let tenths = Ticks(in: AxisRange(low: 0, high: 0.71), maximumIntervals: 9)
    #expect(tenths.values == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])

    let quarters = Ticks(in: AxisRange(low: -0.6, high: 0.6), maximumIntervals: 5)
    #expect(quarters.values == [-0.5, -0.25, 0, 0.25, 0.5])
    #expect(quarters.labels == ["\u{2212}0.50", "\u{2212}0.25", "0.00", "0.25", "0.50"])
}

@Test func epochTicksAreWhole() {
    func epochs(_ count: Int) -> [Double] {
        let range = AxisRange.showing((0..<count).map(Double.init), wholeNumbers: true)
        return Ticks(in: range, maximumIntervals: 9, wholeNumbers: true).values
    }
    #expect(epochs(1) == [0])
    #expect(epochs(2) == [0, 1])
    #expect(epochs(4) == [0, 1, 2, 3])
    #expect(epochs(10) == [0, 2, 4, 6, 8])
    #expect(epochs(70) == [0, 10, 20, 30, 40, 50, 60, 70])
}

@Test func largeAndSmallNumbersAreScientific() {
    #expect(Ticks(in: AxisRange(low: 0, high: 2.1e7), maximumIntervals: 4).labels == ["0", "1e+07", "2e+07"])
    #expect(
        Ticks(in: AxisRange(low: 0, high: 5e-7), maximumIntervals: 2).labels
            == ["0", "2.5e\u{2212}07", "5.0e\u{2212}07"])
}

@Test func rangesLeaveFivePercent() {
    #expect(AxisRange.showing([0, 100, .nan, .infinity]) == AxisRange(low: -5, high: 105))
    #expect(AxisRange.showing([]) == AxisRange(low: 0, high: 1))
    #expect(AxisRange.showing([.nan, -.infinity]) == AxisRange(low: 0, high: 1))
}

@Test(arguments: [0, .leastNonzeroMagnitude, -1e-300, 1e-280, 3, -2.5, 1e15, 1e300, .greatestFiniteMagnitude])
func constantsHaveARange(value: Double) {
    for wholeNumbers in [false, true] {
        let range = AxisRange.showing([value, value], wholeNumbers: wholeNumbers)
        #expect(range.low < range.high && range.span.isFinite)
        #expect((0...1).contains(range.fraction(of: value)))
        let ticks = Ticks(in: range, maximumIntervals: 9, wholeNumbers: wholeNumbers)
        #expect((1...10).contains(ticks.values.count))
        #expect(Set(ticks.labels).count == ticks.values.count)
    }
}
