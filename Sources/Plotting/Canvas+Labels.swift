extension Canvas {
    /// White paper with a title along its top.
    func drawSheet(title: String, style: ChartStyle) {
        fill(Rectangle(left: 0, top: 0, width: width, height: height), with: ChartStyle.paper)
        let room = Rectangle(
            left: style.outerMargin, top: style.outerMargin, width: width - 2 * style.outerMargin,
            height: style.titleSize)
        drawLabel(title, in: room, size: style.titleSize, smallest: style.smallestSize, color: ChartStyle.text)
    }

    /// Draws `text` in `rectangle`, shrunk or cut to fit its length, centred across it; `alignment` 0, 0.5, 1 puts it
    /// at the start, middle, end. `upwards` turns it a quarter counter-clockwise.
    func drawLabel(
        _ text: String, in rectangle: Rectangle, size: Double, smallest: Double, color: Color,
        alignment: Double = 0.5, upwards: Bool = false
    ) {
        let room = upwards ? rectangle.height : rectangle.width
        let label = FittedText(text, size: size, smallest: smallest, width: room, measure: width)
        // Centring letters takes half the height of a capital, about 0.73 em.
        let drop = 0.365 * label.size
        let start =
            upwards
            ? Point(
                x: rectangle.left + rectangle.width / 2 + drop, y: rectangle.bottom - alignment * rectangle.height)
            : Point(x: rectangle.left + alignment * rectangle.width, y: rectangle.top + rectangle.height / 2 + drop)
        draw(label.text, at: start, size: label.size, color: color, alignment: alignment, upwards: upwards)
    }

    /// The one size at which all `texts` are no wider than `width`, but not below `smallest`.
    func commonSize(of texts: some Sequence<String>, size: Double, smallest: Double, width: Double) -> Double {
        texts.reduce(size) { common, text in
            min(common, FittedText(text, size: size, smallest: smallest, width: width, measure: self.width).size)
        }
    }
}
