/// The colors of matplotlib's `ggplot` style, and measures in points.
///
/// The type is larger than matplotlib's, because charts are often shown at half their size.
struct ChartStyle {
    static let paper = Color(hex: 0xFFFFFF)
    static let panel = Color(hex: 0xE5E5E5)
    static let grid = Color(hex: 0xFFFFFF)
    static let axis = Color(hex: 0x555555)
    static let text = Color(hex: 0x000000)
    static let legendFrame = Color(hex: 0xCCCCCC)

    var scale: Double

    /// Full size from 800 x 600 points on, proportionally smaller below; all times `textScale`.
    init(width: Double, height: Double, textScale: Double = 1) {
        scale = min(1, width / 800, height / 600) * textScale
    }

    var titleSize: Double { 25 * scale }
    var axisLabelSize: Double { 21 * scale }
    var tickLabelSize: Double { 17 * scale }
    var legendSize: Double { 17 * scale }
    var smallestSize: Double { 12 * scale }

    var outerMargin: Double { 14 * scale }
    var gap: Double { 8 * scale }
    var tickLength: Double { 6 * scale }
    var tickWidth: Double { 1.3 * scale }
    var gridWidth: Double { 1.5 * scale }
    var curveWidth: Double { 2.6 * scale }
    var markRadius: Double { 4.5 * scale }
}
