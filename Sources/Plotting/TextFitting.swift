/// Text at a size at which it is no wider than the room it has.
struct FittedText: Equatable {
    var text: String
    var size: Double

    /// Line breaks and other control characters have no glyph, and a NUL would end the text: they become spaces.
    static func oneLine(_ text: String) -> String {
        text.replacingControlCharacters(with: " ")
    }

    /// Shrinks `text` from `size` down to `smallest`, and cuts its end off if even that is too wide.
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
