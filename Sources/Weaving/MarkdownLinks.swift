import Foundation
import System

/// The links of a Markdown text.
public enum MarkdownLinks {
    /// The targets of links and images in the same repository, without the part after `#`. Text in code is not a link.
    public static func local(in markdown: String) -> [String] {
        var targets: [String] = []
        var isInFence = false
        for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") { isInFence.toggle() }
            guard !isInFence else { continue }
            // Every other piece between backticks is code.
            let prose = line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset.isMultiple(of: 2) }.map { String($0.element) }.joined(separator: " ")
            for match in prose.matches(of: #/\]\(([^)\s]+)\)/#) {
                let target = match.1.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)[0]
                if !target.isEmpty, !target.contains("://") { targets.append(String(target)) }
            }
        }
        return targets
    }

    /// The targets that do not exist.
    public static func broken(in markdown: String, folder: String) -> [String] {
        local(in: markdown).filter { !FileSystem.exists("\(folder)/\($0)") }
    }
}
