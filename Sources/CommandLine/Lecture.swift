import Foundation
import Synchronization
import System
import Weaving

/// Walks through a chapter in the terminal: shows prose and code of its source up to the line that runs next, and waits.
final class Lecture: Sendable {
    /// How long a section stays before the program continues.
    enum Pace: Sendable, Equatable {
        case returnKey
        case seconds(Double)
    }

    private struct State {
        /// The folder that the chapter's figures and the library are in.
        var checkout = ""
        var blocks: [LiterateSource.Block] = []
        /// The blocks that were shown.
        var shown = 0
        /// Whether something was shown that nobody has had time to read.
        var isUnread = false
    }

    private let pace: Pace
    private let state = Mutex(State())

    init(pace: Pace) { self.pace = pace }

    /// For the window as it is now.
    private var markdown: TerminalMarkdown {
        TerminalMarkdown(width: Terminal.width, isStyled: Terminal.isInteractive)
    }

    /// Shows what comes before the block after that of `line`.
    func show(_ source: [Substring], in checkout: String, upTo line: Int) {
        state.withLock { state in
            if state.blocks.isEmpty {
                state.blocks = LiterateSource(source.joined(separator: "\n")).blocks
                state.checkout = checkout
            }
            let place = state.blocks.lastIndex { block in
                if case .code(_, let lines) = block { return lines.lowerBound <= line }
                return false
            }
            guard let place, place >= state.shown else { return }
            show(through: place, &state)
        }
    }

    /// Shows the rest.
    func end() {
        state.withLock { state in
            guard state.shown < state.blocks.count else { return }
            Terminal.eraseLine()
            show(through: state.blocks.count - 1, &state)
        }
    }

    private func show(through place: Int, _ state: inout State) {
        // Away from what the section before has printed.
        if state.shown > 0 { put("\n") }
        for block in state.blocks[state.shown...place] {
            switch block {
            case .code(let lines, _): put(markdown.code(lines))
            case .prose(let lines):
                // A section begins when the one before it has been read.
                for section in Self.sections(lines) {
                    if section.first?.hasPrefix("#") == true, state.isUnread { wait() }
                    showProse(section, in: state.checkout)
                    state.isUnread = true
                }
            }
            state.isUnread = true
        }
        state.shown = place + 1
        wait()
        state.isUnread = false
    }

    /// Prose, cut before each heading.
    private static func sections(_ lines: [String]) -> [[String]] {
        lines.reduce(into: [[]]) { sections, line in
            if line.hasPrefix("#"), sections.last?.isEmpty == false { sections.append([]) }
            sections[sections.count - 1].append(line)
        }
    }

    private func showProse(_ lines: [String], in checkout: String) {
        for piece in ProsePiece.pieces(of: lines) {
            switch piece {
            case .text(let text): put(markdown.prose(text))
            case .directive(let line):
                showDirective(line.dropFirst().split(separator: " ").map(String.init), in: checkout)
            }
        }
    }

    /// A figure, a table or a source, as far as the checkout has it.
    private func showDirective(_ words: [String], in checkout: String) {
        guard words.count > 1 else { return }
        switch words[0] {
        case "figure":
            // From the checkout itself, a short path is enough.
            let path = "figures/\(words[1]).png"
            show(pictureAt: FileSystem.exists(path) ? path : "\(checkout)/\(path)", named: "Figure \(words[1])")
        case "source":
            let text = (try? FileBytes.read("\(checkout)/\(words[1])")).map { String(decoding: $0, as: UTF8.self) }
            let excerpt = text.flatMap { text in
                words.count > 2 ? SourceExcerpt(words[2], in: text) : SourceExcerpt(wholeOf: text)
            }
            let name = "`\(words.dropFirst().joined(separator: ", "))`"
            put(markdown.prose([excerpt == nil ? "The code is in \(name)." : "\(name):", ""]))
            if let excerpt { put(markdown.code(excerpt.lines)) }
        default: put(markdown.prose(["*The table \(words[1]) is in the report, `report/report.md`.*"]))
        }
    }

    /// Shows a picture in the terminal if it can, else names it.
    func show(pictureAt path: String, named name: String? = nil) {
        if FileSystem.exists(path), InlinePicture.show(path) {
            put("\n")
        } else {
            put(markdown.prose([(name.map { "*\($0)*: " } ?? "") + "`\(path)`"]))
        }
    }

    private func wait() {
        switch pace {
        case .seconds(let seconds):
            fflush(nil)
            Thread.sleep(forTimeInterval: seconds)
        case .returnKey:
            // Whoever redirects the input does not press Return.
            guard isatty(STDIN_FILENO) == 1 else { return }
            put(markdown.hint("Return continues"))
            _ = readLine()
            // Return has moved the cursor down; the hint makes room for what follows.
            if Terminal.isInteractive { put("\u{1B}[1A\u{1B}[2K") }
        }
    }

    private func put(_ text: String) {
        guard !text.isEmpty else { return }
        print(text, terminator: "")
        fflush(nil)
    }
}
