import Foundation

/// Round numbers along an axis.
public struct Ticks: Sendable, Equatable {
    public let values: [Double]
    public let labels: [String]

    /// Multiples of 1, 2, 2.5 or 5 times a power of ten within `range`, at most `limit` of them.
    ///
    /// - Parameter integers: only whole numbers, as on an axis of epochs.
    public init(in range: ClosedRange<Double>, limit: Int = 8, integers: Bool = false) {
        let span = range.upperBound - range.lowerBound
        guard span > 0, span.isFinite else {
            values = [range.lowerBound]
            labels = [Self.label(range.lowerBound, decimals: 2)]
            return
        }
        let rough = span / Double(max(limit, 1))
        let power = pow(10, floor(log10(rough)))
        let steps = integers ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10]
        var step = (steps.first { $0 * power >= rough * (1 - 1e-9) } ?? 10) * power
        if integers { step = max(step.rounded(), 1) }
        // Counted in whole steps, so that 0.1 + 0.2 is 0.3.
        let first = Int((range.lowerBound / step - 1e-9).rounded(.up))
        let last = Int((range.upperBound / step + 1e-9).rounded(.down))
        values = first <= last ? (first...last).map { Double($0) * step } : []
        // As many decimals as the step has: 2.5 needs one more than its power of ten.
        var decimals = max(0, Int(-floor(log10(step))))
        if decimals < 12, abs((step * pow(10, Double(decimals))).rounded() - step * pow(10, Double(decimals))) > 1e-6 {
            decimals += 1
        }
        labels = values.map { Self.label($0, decimals: decimals) }
    }

    private static func label(_ value: Double, decimals: Int) -> String {
        if value != 0, abs(value) >= 1e6 || abs(value) < 1e-4 { return String(format: "%.3g", value) }
        return String(format: "%.\(decimals)f", value == 0 ? 0 : value)
    }
}
