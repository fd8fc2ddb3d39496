import Foundation

extension Ticks {
    /// The printed values. All have the decimals that the step needs; very large or small values are like 2e-07.
    var labels: [String] {
        let largest = values.reduce(0) { max($0, abs($1)) }
        guard largest >= 1e6 || (largest > 0 && step.value < 1e-5) else {
            return values.map { typographic(fixed($0, decimals: step.decimals)) }
        }
        // Enough digits to tell neighbors apart.
        let digits = max(0, Int(log10(largest).rounded(.down)) - Int(log10(step.value).rounded(.down)))
        let mantissaDigits = step.tenths == 25 ? digits + 1 : digits
        return values.map { $0 == 0 ? "0" : typographic(scientific($0, decimals: min(mantissaDigits, 15))) }
    }

    private func fixed(_ value: Double, decimals: Int) -> String {
        String(format: "%.*f", Int32(decimals), value)
    }

    private func scientific(_ value: Double, decimals: Int) -> String {
        String(format: "%.*e", Int32(decimals), value)
    }

    /// Uses a minus sign as wide as a plus, because a hyphen is too short.
    private func typographic(_ number: String) -> String {
        number.replacingOccurrences(of: "-", with: "\u{2212}")
    }
}
