extension StringProtocol {
    /// The number of terminal columns: two for each Chinese, Japanese or Korean character and each emoji, none for a
    /// combining mark.
    public var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }
}

extension String {
    /// The longest prefix that fits into `room` columns.
    func prefix(displayWidth room: Int) -> String {
        var (kept, width) = ("", 0)
        for character in self {
            width += character.displayWidth
            guard width <= room else { break }
            kept.append(character)
        }
        return kept
    }

    /// The text with control characters replaced, because a file's name may contain commands to the terminal.
    public func replacingControlCharacters(with replacement: Unicode.Scalar = "?") -> String {
        String(UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? replacement : $0 }))
    }
}

extension Character {
    fileprivate var displayWidth: Int {
        // Variation selector 16 requests the colored form of the character before it.
        if unicodeScalars.contains("\u{FE0F}") { return 2 }
        return unicodeScalars.map(\.displayWidth).max() ?? 0
    }
}

extension Unicode.Scalar {
    /// The blocks that are wide or full-width in Unicode Standard Annex 11, East Asian Width.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60,
        0xFFE0...0xFFE6, 0x17000...0x18CFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD,
    ]

    fileprivate var displayWidth: Int {
        if isASCII { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return properties.isEmojiPresentation || Self.wide.contains { $0.contains(value) } ? 2 : 1
        }
    }
}
