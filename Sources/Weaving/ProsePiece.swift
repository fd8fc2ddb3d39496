/// Prose is Markdown with directives between: lines that begin with `@`, with kind and name, such as `@figure 11.6`.
public enum ProsePiece: Equatable, Sendable {
    case text([String])
    case directive(String)

    /// Cuts prose at its directives. Lines between two fences are text: `@main` is code there.
    public static func pieces(of prose: [String]) -> [ProsePiece] {
        var pieces: [ProsePiece] = [], text: [String] = [], isCode = false
        for line in prose {
            if line.hasPrefix("```") { isCode.toggle() }
            if line.hasPrefix("@"), !isCode {
                if !text.isEmpty { pieces.append(.text(text)) }
                text = []
                pieces.append(.directive(line))
            } else {
                text.append(line)
            }
        }
        return text.isEmpty ? pieces : pieces + [.text(text)]
    }
}
