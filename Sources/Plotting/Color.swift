/// A colour in sRGB, each part from 0 to 1.
public struct Color: Sendable, Equatable {
    public let red, green, blue, alpha: Double

    public init(_ red: Double, _ green: Double, _ blue: Double, alpha: Double = 1) {
        (self.red, self.green, self.blue, self.alpha) = (red, green, blue, alpha)
    }

    /// As in CSS: `Color(hex: 0xE5E5E5)`.
    public init(hex: UInt32) {
        self.init(Double(hex >> 16 & 255) / 255, Double(hex >> 8 & 255) / 255, Double(hex & 255) / 255)
    }

    public static let white = Color(1, 1, 1)

    /// Colours that colour-blind people can tell apart (Okabe and Ito, 2008), in an order that sets neighbours well
    /// apart on grey; yellow, which is hard to see there, comes late.
    public static let series: [Color] = [
        0xD55E00, 0x0072B2, 0x009E73, 0xCC79A7, 0x000000, 0x56B4E9, 0xE69F00, 0x7F3C8D, 0x8C6D31, 0xF0E442,
    ].map { Color(hex: $0) }
}
