/// Text with a size at which it fits into a given width.
struct FittedText: Equatable {
    var text: String
    var size: Double

    /// Replaces control characters with spaces: line breaks have no glyph, and a NUL would end the text.
    static func oneLine(_ text: String) -> String {
        text.replacingControlCharacters(with: " ")
    }

    /// Shrinks `text` from `size` down to `smallest`, and cuts off its end if that is still too wide.
    init(_ text: String, size: Double, smallest: Double, width: Double, measure: (String, Double) -> Double) {
        let oneLine = Self.oneLine(text)
        self.text = oneLine
        self.size = size
        let natural = measure(oneLine, size)
        guard natural > width else { return }
        self.size = max(min(smallest, size), size * width / natural)
        guard measure(oneLine, self.size) > width * 1.001 else { return }

        // The longest beginning that fits with an ellipsis, by bisection.
        var fits = 0, tooLong = oneLine.count
        while tooLong - fits > 1 {
            let middle = (fits + tooLong) / 2
            if measure(oneLine.prefix(middle) + "…", self.size) <= width { fits = middle } else { tooLong = middle }
        }
        self.text = oneLine.prefix(fits) + "…"
    }
}
