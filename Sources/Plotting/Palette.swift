/// The colours that curves take in turn: those of Okabe and Ito without their yellow, which fades on grey.
///
/// The order is ours. The first four, which a chart of training and validation uses, are far from each other also in
/// the eyes of readers who see no red or no green; the bluish green and the purple, which those mix up, stand apart.
public enum Palette {
    public static let blue = Color(hex: 0x0072B2)
    public static let vermilion = Color(hex: 0xD55E00)
    public static let bluishGreen = Color(hex: 0x009E73)
    public static let black = Color(hex: 0x000000)
    public static let skyBlue = Color(hex: 0x56B4E9)
    public static let orange = Color(hex: 0xE69F00)
    public static let reddishPurple = Color(hex: 0xCC79A7)

    static let colors = [blue, vermilion, bluishGreen, black, skyBlue, orange, reddishPurple]

    public static func color(of index: Int) -> Color { colors[index % colors.count] }

    /// The dash pattern, in line widths, of a curve. Once colours repeat, patterns change.
    static func dash(of index: Int, isDashed: Bool) -> [Double] {
        switch (index / colors.count % 2, isDashed) {
        case (0, false): []
        case (0, true): [3.7, 1.6]
        case (_, false): [1, 1.2]
        case (_, true): [6, 1.6, 1, 1.6]
        }
    }
}
