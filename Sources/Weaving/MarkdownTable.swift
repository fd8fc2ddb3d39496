/// A table in Markdown.
public struct MarkdownTable: Equatable, Sendable {
    public var headings: [String]
    public var rows: [[String]]

    public init(_ headings: [String], rows: [[String]] = []) {
        self.headings = headings
        self.rows = rows
    }

    /// Short rows are filled up, and characters that would end a cell are escaped.
    public var markdown: String {
        func line(_ cells: [String]) -> String {
            let filled = headings.indices.map { $0 < cells.count ? cells[$0] : "" }
            return "| " + filled.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
        }
        return ([line(headings), "|" + headings.map { _ in "---|" }.joined()] + rows.map(line)).joined(separator: "\n")
    }
}
