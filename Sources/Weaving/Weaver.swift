import Foundation

/// Turns prose and code into Markdown.
///
/// Directives in prose are replaced: `@figure 11.6`, `@table cifar10`,
/// `@source Sources/NeuralNetwork/Optimizers/Optimizer.swift SGD.rule`. Everything else is Markdown and stays as it is.
public struct Weaver {
    /// What replaces a line such as `@figure 11.6`.
    ///
    /// - Throws: if nothing has that name.
    public typealias Directive = (_ name: String) throws -> String

    private let directives: [String: Directive]

    /// - Parameter directives: by the word after the `@`.
    public init(directives: [String: Directive]) { self.directives = directives }

    /// - Throws: ``WeavingError`` for an unknown directive, and any error of a directive.
    public func weave(prose: [String]) throws -> String {
        var lines: [String] = []
        /// A picture or a table is a paragraph of its own.
        func beginParagraph() {
            if let last = lines.last, !last.isEmpty { lines.append("") }
        }
        var followsDirective = false
        for piece in ProsePiece.pieces(of: prose) {
            switch piece {
            case .text(let text):
                if followsDirective, text.first?.isEmpty == false { beginParagraph() }
                lines += text
                followsDirective = false
            case .directive(let line):
                beginParagraph()
                lines.append(try replacement(of: line))
                followsDirective = true
            }
        }
        return lines.joined(separator: "\n")
    }

    private func replacement(of line: String) throws -> String {
        let words = line.dropFirst().split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2, let directive = directives[words[0]] else {
            throw WeavingError(
                "\"\(line)\" is not one of " + directives.keys.sorted().map { "@\($0) NAME" }.joined(separator: ", "))
        }
        return try directive(words[1].trimmingCharacters(in: .whitespaces))
    }

    /// - Parameters:
    ///   - source: a link to the lines of the code.
    ///   - output: what the lines of the code have printed, in Markdown; `nil` if they printed nothing.
    public func weave(
        _ literate: LiterateSource, linkedBy source: (_ lines: ClosedRange<Int>) -> String,
        output: (_ lines: ClosedRange<Int>) -> String? = { _ in nil }
    ) throws -> String {
        try literate.blocks.map { block in
            switch block {
            case .prose(let lines): try weave(prose: lines)
            case .code(let lines, let range):
                Self.fence(lines) + "\n" + source(range) + (output(range).map { "\n\n\($0)" } ?? "")
            }
        }.joined(separator: "\n\n") + "\n"
    }

    /// Swift code, as it was written.
    public static func fence(_ lines: [String]) -> String {
        (["```swift"] + lines + ["```"]).joined(separator: "\n")
    }
}

/// A line of prose is an unknown directive.
public struct WeavingError: Error, CustomStringConvertible, Equatable {
    public let description: String
    public init(_ description: String) { self.description = description }
}
