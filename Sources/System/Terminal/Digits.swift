import Foundation

/// A number for messages, with six significant digits and no trailing zeros: `122.413`, `0.000866667`.
public func digits(_ number: Double) -> String { String(format: "%.6g", number) }

/// A share, from 0 to 1, as a message shows it: `54.38%`.
public func percent(_ share: Double) -> String { String(format: "%.2f%%", 100 * share) }
