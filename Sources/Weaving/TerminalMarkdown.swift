import System

/// Markdown as text for a terminal: headings, emphasis, lists, quotations and code, wrapped to the width of the window.
public struct TerminalMarkdown: Sendable {
    /// The columns of the window.
    public let width: Int
    /// Whether the terminal understands styles: bold, italic, colors.
    public let isStyled: Bool

    /// Longer lines are hard to read.
    private static let longestLine = 100
    private static let codeMargin = "    "

    public init(width: Int, isStyled: Bool) {
        self.width = min(max(width, 20), Self.longestLine)
        self.isStyled = isStyled
    }

    private enum Style: String {
        case bold = "1", italic = "3", heading = "1;34", code = "36", prompt = "7"
    }

    private func styled(_ text: String, _ style: Style) -> String {
        isStyled && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Paragraphs and other blocks of prose, each with an empty line behind it.
    public func prose(_ lines: [String]) -> String {
        var text = "", paragraph: [String] = [], fence: [String]?

        func endParagraph() {
            guard let first = paragraph.first else { return }
            let marker = Self.marker(first)
            let words = paragraph.joined(separator: " ").dropFirst(marker.count)
            let hanging = String(repeating: " ", count: marker.displayWidth)
            text += wrapped(
                inline(String(words)), first: marker == "> " ? "│ " : marker,
                other: marker == "> " ? "│ " : hanging)
            paragraph = []
        }
        for line in lines {
            if line.hasPrefix("```") {
                endParagraph()
                if let block = fence { text += code(block) }
                fence = fence == nil ? [] : nil
            } else if fence != nil {
                fence?.append(line)
            } else if line.hasPrefix("#") {
                endParagraph()
                let words = line.drop { $0 == "#" || $0 == " " }
                text += styled(String(words), .heading) + "\n"
                if line.hasPrefix("# ") {
                    text += styled(String(repeating: "═", count: min(words.count, width)), .heading) + "\n"
                }
                text += "\n"
            } else if line.hasPrefix("|") {
                endParagraph()
                text += line + "\n"
            } else if line.allSatisfy(\.isWhitespace) || line == ">" {
                let isBetween = !paragraph.isEmpty || !text.isEmpty
                endParagraph()
                if isBetween, !text.hasSuffix("\n\n") { text += "\n" }
            } else {
                let quoted = line.hasPrefix("> ") && paragraph.first?.hasPrefix("> ") == true
                if !quoted, !Self.marker(line).isEmpty { endParagraph() }
                let words = line.drop { !paragraph.isEmpty && $0 == " " }
                paragraph.append(String(quoted ? line.dropFirst(2) : words))
            }
        }
        endParagraph()
        return text.isEmpty || text.hasSuffix("\n\n") ? text : text + "\n"
    }

    /// What a list item or a quotation begins with; empty for other lines.
    private static func marker(_ line: String) -> String {
        line.prefixMatch(of: #/\s*([*-]|\d+\.)\s+|> /#).map { String($0.output.0) } ?? ""
    }

    /// Code, moved to the left as far as all of it goes, and broken at spaces where the window ends.
    public func code(_ lines: [String]) -> String {
        let indentation =
            lines.filter { !$0.allSatisfy(\.isWhitespace) }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        let room = width - Self.codeMargin.count
        let broken = lines.flatMap { line -> [String] in
            let text = String(line.dropFirst(indentation))
            let inner = text.prefix { $0 == " " }.count
            return Self.broken(text, at: room, continuing: String(repeating: " ", count: inner + 4))
        }
        return broken.map { $0.isEmpty ? "" : Self.codeMargin + styled($0, .code) }.map { $0 + "\n" }.joined() + "\n"
    }

    /// A line about how to continue.
    public func hint(_ text: String) -> String { styled(" \(text) ", .prompt) }

    private static func broken(_ line: String, at room: Int, continuing margin: String) -> [String] {
        var rest = line, lines: [String] = []
        while rest.displayWidth > room {
            let head = rest.prefix(room)
            let leading = rest.prefix { $0 == " " }.count
            guard let space = head.lastIndex(of: " "), head[..<space].count > leading else { break }
            lines.append(String(head[..<space]))
            rest = margin + rest[rest.index(after: space)...]
        }
        return lines + [rest]
    }

    /// Emphasis, code and links in a paragraph.
    private func inline(_ text: String) -> String {
        // Every other piece between backticks is code.
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { place, piece in
            if !place.isMultiple(of: 2) { return styled(String(piece).replacing(" ", with: "\u{A0}"), .code) }
            return String(piece).replacing(/!?\[([^\]]*)\]\(([^)]*)\)/) { match in
                match.2.contains("://") ? "\(match.1) (\(match.2))" : String(match.1)
            }
            .replacing(/\*\*([^*]+)\*\*/) { styled(String($0.1), .bold) }
            .replacing(/\*([^* ][^*]*)\*/) { styled(String($0.1), .italic) }
        }.joined()
    }

    private func wrapped(_ text: String, first: String, other: String) -> String {
        var lines: [String] = [], line = first, isEmpty = true
        for word in text.split(separator: " ") {
            let length = Self.visible(line).displayWidth + Self.visible(word).displayWidth + 1
            if !isEmpty, length > width {
                lines.append(line)
                (line, isEmpty) = (other, true)
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return (lines + [line]).map { $0.replacing("\u{A0}", with: " ") + "\n" }.joined()
    }

    private static func visible(_ text: some StringProtocol) -> String {
        String(text).replacing(/\u{1B}\[[0-9;]*m/, with: "")
    }
}
