import Foundation

/// A number as a message shows it, with six digits that count and no zeros behind them: `122.413`, `0.000866667`.
public func digits(_ number: Double) -> String { String(format: "%.6g", number) }
