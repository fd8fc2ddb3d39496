import Testing
import Weaving

@Suite struct TerminalMarkdownTests {
    private let plain = TerminalMarkdown(width: 30, isStyled: false)

    @Test func paragraphsAreWrapped() {
        let text = plain.prose(["One line of prose that is longer", "than the window.", "", "Another."])
        #expect(text == "One line of prose that is\nlonger than the window.\n\nAnother.\n\n")
    }

    @Test func listsAndQuotationsHang() {
        let text = plain.prose([
            "* first item with words that go on", "  and on", "* second", "", "1. numbered, and long enough to wrap",
            "",
            "> quoted words in", "> two lines", ">", "> and a second",
        ])
        #expect(
            text == """
                * first item with words that
                  go on and on
                * second

                1. numbered, and long enough
                   to wrap

                │ quoted words in two lines

                │ and a second


                """)
    }

    @Test func marksBecomeStylesOrVanish() {
        let lines = ["**bold** and *italic* and `code`, [a page](page.md), [a site](https://example.org)"]
        #expect(
            TerminalMarkdown(width: 100, isStyled: false).prose(lines)
                == "bold and italic and code, a page, a site (https://example.org)\n\n")
        let styled = TerminalMarkdown(width: 100, isStyled: true).prose(lines)
        #expect(styled.contains("\u{1B}[1mbold\u{1B}[0m and \u{1B}[3mitalic\u{1B}[0m and \u{1B}[36mcode\u{1B}[0m"))
        // Code keeps its marks: it is not prose.
        #expect(plain.prose(["`a*b*c`"]) == "a*b*c\n\n")
    }

    /// Styles take no columns.
    @Test func styledTextIsWrappedWhereThePlainTextIs() {
        let lines = ["some **bold words** between `code` and more *italic words* that wrap", "# A heading"]
        let styled = TerminalMarkdown(width: 30, isStyled: true).prose(lines)
        #expect(styled.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain.prose(lines))
    }

    @Test func codeMovesToTheLeftAndBreaksAtSpaces() {
        let text = plain.code(["        let a = 1", "", "        call(first, second, third, fourth)"])
        #expect(text == "    let a = 1\n\n    call(first, second,\n        third, fourth)\n\n")
        #expect(plain.prose(["Before:", "```swift", "let a = 1", "```"]) == "Before:\n    let a = 1\n\n")
        // A word without a space stays whole.
        let long = String(repeating: "x", count: 40)
        #expect(plain.code([long]) == "    \(long)\n\n")
    }
}
