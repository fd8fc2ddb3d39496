/// A Swift file as a lecture: prose in lines that begin with `//:`, in Markdown as in Swift's playgrounds, and the code
/// between them.
public struct LiterateSource: Equatable, Sendable {
    public enum Block: Equatable, Sendable {
        /// Lines without their `//:`.
        case prose([String])
        /// Lines of code and the number of the first, counted from 1. Empty lines around them are left out.
        case code([String], lines: ClosedRange<Int>)
    }

    public let blocks: [Block]

    public init(_ text: String) {
        var blocks: [Block] = []
        var prose: [String] = [], code: [(number: Int, text: String)] = []

        func endProse() {
            if !prose.isEmpty { blocks.append(.prose(prose)) }
            prose = []
        }
        func endCode() {
            let isBlank = { (line: (number: Int, text: String)) in line.text.allSatisfy(\.isWhitespace) }
            let kept = code.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
            if let first = kept.first, let last = kept.last {
                blocks.append(.code(kept.map(\.text), lines: first.number...last.number))
            }
            code = []
        }

        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let trimmed = line.drop(while: \.isWhitespace)
            if trimmed.hasPrefix("//:") {
                // Prose after an empty line begins a new paragraph.
                if !prose.isEmpty, !code.isEmpty { prose.append("") }
                endCode()
                let words = trimmed.dropFirst(3)
                prose.append(String(words.hasPrefix(" ") ? words.dropFirst() : words))
            } else {
                if !trimmed.isEmpty { endProse() }
                code.append((index + 1, String(line)))
            }
        }
        endProse()
        endCode()
        self.blocks = blocks
    }
}
