/// One declaration of a Swift file, from its first line to the brace that ends it.
public struct SourceExcerpt: Equatable, Sendable {
    /// The declaration's lines, moved to the left edge.
    public let lines: [String]
    /// Their numbers in the file, counted from 1.
    public let range: ClosedRange<Int>

    /// The first declaration of this name with a body. In the file, an inner declaration is four columns further to the
    /// right than the one around it, and so is its last brace.
    ///
    /// - Parameters:
    ///   - name: of a type or function, `SGD`; behind a dot, of one in it, `SGD.rule`.
    ///   - text: of the file.
    /// - Returns: `nil` if the file has no such declaration.
    public init?(_ name: String, in text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let path = name.split(separator: ".", omittingEmptySubsequences: false)
        guard let range = Self.range(of: path[...], in: lines[...], indentation: 0) else { return nil }
        self.lines = lines[range].map { String($0.dropFirst(4 * (path.count - 1))) }
        self.range = range.lowerBound + 1...range.upperBound + 1
    }

    /// A whole file, without its imports.
    public init(wholeOf text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var code = lines.enumerated().drop { $0.element.isEmpty || $0.element.hasPrefix("import ") }
        if code.last?.element == "" { code = code.dropLast() }
        self.lines = code.map { String($0.element) }
        range = (code.first?.offset ?? 0) + 1...(code.last?.offset ?? 0) + 1
    }

    private static func range(
        of path: ArraySlice<Substring>, in lines: ArraySlice<Substring>, indentation: Int
    ) -> ClosedRange<Int>? {
        guard let name = path.first else { return nil }
        let margin = String(repeating: " ", count: indentation)
        for start in lines.indices where declares(name, lines[start], margin: margin) {
            let end = lines[start].hasSuffix("}") ? start : lines[start...].firstIndex { $0 == margin + "}" }
            guard let end else { continue }
            if path.count == 1 { return start...end }
            let inner = range(of: path.dropFirst(), in: lines[start..<end], indentation: indentation + 4)
            if let inner { return inner }
        }
        return nil
    }

    /// Whether the line begins a type, an extension or a function of this name.
    private static func declares(_ name: Substring, _ line: Substring, margin: String) -> Bool {
        guard line.hasPrefix(margin) else { return false }
        let words = line.dropFirst(margin.count).split(separator: " ", omittingEmptySubsequences: false)
        guard let keyword = words.firstIndex(where: keywords.contains), keyword + 1 < words.count,
            words[..<keyword].allSatisfy({ $0.first?.isLetter == true || $0.hasPrefix("@") })
        else { return false }
        return words[keyword + 1].prefix { $0.isLetter || $0.isNumber || $0 == "_" } == name
    }

    private static let keywords: Set<Substring> = ["struct", "class", "enum", "actor", "protocol", "extension", "func"]
}
