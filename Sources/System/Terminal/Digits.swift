import Foundation

/// A number for messages, with six significant digits and no trailing zeros: `122.413`, `0.000866667`.
public func digits(_ number: Double) -> String { String(format: "%.6g", number) }
