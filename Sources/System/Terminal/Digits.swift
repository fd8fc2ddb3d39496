import Foundation

/// A number as a message shows it, with six digits that count and no zeros behind them: `122.413`, `0.000866667`.
public func digits(_ number: Double) -> String { String(format: "%.6g", number) }

/// A share, from 0 to 1, as a message shows it: `54.38%`.
public func percent(_ share: Double) -> String { String(format: "%.2f%%", 100 * share) }
