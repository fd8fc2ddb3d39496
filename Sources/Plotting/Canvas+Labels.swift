extension Canvas {
    /// Fills the canvas with white and writes the title at the top.
    func drawSheet(title: String, style: ChartStyle) {
        fill(Rectangle(left: 0, top: 0, width: width, height: height), with: ChartStyle.paper)
        let room = Rectangle(
            left: style.outerMargin, top: style.outerMargin, width: width - 2 * style.outerMargin,
            height: style.titleSize)
        drawLabel(title, in: room, size: style.titleSize, smallest: style.smallestSize, color: ChartStyle.text)
    }

    /// Draws `text` on one line in `rectangle`, shrunk or cut to fit its length and centered across it.
    ///
    /// `alignment` 0, 0.5, 1 places it at the start, middle, end. `upwards` turns it a quarter counterclockwise.
    func drawLabel(
        _ text: String, in rectangle: Rectangle, size: Double, smallest: Double, color: Color,
        alignment: Double = 0.5, upwards: Bool = false
    ) {
        let room = upwards ? rectangle.height : rectangle.width
        let label = FittedText(text, size: size, smallest: smallest, width: room, measure: width)
        // Half the height of a capital letter (0.73 em) centers the text.
        let drop = 0.365 * label.size
        let start =
            upwards
            ? Point(
                x: rectangle.left + rectangle.width / 2 + drop, y: rectangle.bottom - alignment * rectangle.height)
            : Point(x: rectangle.left + alignment * rectangle.width, y: rectangle.top + rectangle.height / 2 + drop)
        draw(label.text, at: start, size: label.size, color: color, alignment: alignment, upwards: upwards)
    }

    /// The largest common size, from `size` down to `smallest`, at which no text is wider than `width`.
    func commonSize(of texts: some Sequence<String>, size: Double, smallest: Double, width: Double) -> Double {
        texts.reduce(size) { common, text in
            min(common, FittedText(text, size: size, smallest: smallest, width: width, measure: self.width).size)
        }
    }
}
