/// The colors that curves take in turn: Okabe and Ito's palette ("Color Universal Design", 2008) without its yellow,
/// which is hard to see on gray.
///
/// The order is this package's. Color-blind readers can tell the first four apart, which charts of training and
/// validation use. Bluish green and reddish purple, which they confuse, are far apart in the order.
public enum Palette {
    /// Blue, `0x0072B2`, the first color.
    public static let blue = Color(hex: 0x0072B2)
    /// Vermilion, `0xD55E00`.
    public static let vermilion = Color(hex: 0xD55E00)
    /// Bluish green, `0x009E73`.
    public static let bluishGreen = Color(hex: 0x009E73)
    /// Black, `0x000000`.
    public static let black = Color(hex: 0x000000)
    /// Sky blue, `0x56B4E9`.
    public static let skyBlue = Color(hex: 0x56B4E9)
    /// Orange, `0xE69F00`.
    public static let orange = Color(hex: 0xE69F00)
    /// Reddish purple, `0xCC79A7`, the last color.
    public static let reddishPurple = Color(hex: 0xCC79A7)

    static let colors = [blue, vermilion, bluishGreen, black, skyBlue, orange, reddishPurple]

    /// The color of the curve with this index, from 0. After seven curves the colors repeat.
    public static func color(of index: Int) -> Color { colors[index % colors.count] }

    /// The dash pattern of the curve with this index, in line widths. When colors repeat, patterns change.
    static func dash(of index: Int, isDashed: Bool) -> [Double] {
        switch (index / colors.count % 2, isDashed) {
        case (0, false): []
        case (0, true): [3.7, 1.6]
        case (_, false): [1, 1.2]
        case (_, true): [6, 1.6, 1, 1.6]
        }
    }
}
