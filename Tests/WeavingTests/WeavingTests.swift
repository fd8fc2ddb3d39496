import Foundation
import Testing
import Weaving

@Suite struct WeavingTests {
    private let source = """
        //: # A title
        //:
        //: First words.

        //: A new paragraph.

        import Foundation

        func run() {
            let answer = 42

            //: Prose in the middle,
            //: on two lines.
            //: @figure 11.6
            //: More.

            print(answer)  //: no prose
        }
        """

    @Test func proseAndCodeAreSeparatedLineByLine() {
        #expect(
            LiterateSource(source).blocks == [
                .prose(["# A title", "", "First words.", "", "A new paragraph."]),
                .code(["import Foundation", "", "func run() {", "    let answer = 42"], lines: 7...10),
                .prose(["Prose in the middle,", "on two lines.", "@figure 11.6", "More."]),
                .code(["    print(answer)  //: no prose", "}"], lines: 17...18),
            ])
        #expect(LiterateSource("").blocks.isEmpty)
        #expect(LiterateSource("\n\n//:\n").blocks == [.prose([""])])
    }

    @Test func wovenItIsMarkdown() throws {
        let weaver = Weaver(directives: ["figure": { "![\($0)](\($0).png)" }])
        let text = try weaver.weave(LiterateSource(source)) { "<\($0.lowerBound)-\($0.upperBound)>" }
        #expect(
            text == """
                # A title

                First words.

                A new paragraph.

                ```swift
                import Foundation

                func run() {
                    let answer = 42
                ```
                <7-10>

                Prose in the middle,
                on two lines.

                ![11.6](11.6.png)

                More.

                ```swift
                    print(answer)  //: no prose
                }
                ```
                <17-18>

                """)
    }

    @Test func whatIsBetweenFencesIsCode() throws {
        let weaver = Weaver(directives: ["figure": { _ in "a picture" }])
        let code = ["```swift", "@main", "@figure 11.6", "```"]
        #expect(
            try weaver.weave(prose: code + ["", "@figure 11.6"]) == (code + ["", "a picture"]).joined(separator: "\n"))
    }

    @Test func unknownDirectivesAreNamed() {
        let weaver = Weaver(directives: ["figure": { throw WeavingError("no \($0)") }])
        #expect(throws: WeavingError("no 11.99")) { try weaver.weave(prose: ["@figure 11.99"]) }
        #expect(throws: WeavingError("\"@tabel x\" is not one of @figure NAME")) {
            try weaver.weave(prose: ["@tabel x"])
        }
        #expect(throws: WeavingError.self) { try weaver.weave(prose: ["@figure"]) }
    }

    private let library = """
        /// func rule() in a comment.
        protocol Optimizer {
            func rule() -> Rule
        }

        public struct SGD: Optimizer {
            let rate = 0.1

            public func rules() {}

            @inlinable public func rule(
                iteration: Int
            ) -> Rule {
                if true {
                    return Rule()
                }
            }
        }

        extension SGD {
            func rule() { print("a second one") }
            func other() { print("one line") }
        }
        """

    @Test func aDeclarationIsCutOutWithItsLines() {
        let rule = SourceExcerpt("SGD.rule", in: library)
        #expect(rule?.range == 11...17)
        #expect(rule?.lines.first == "@inlinable public func rule(")
        #expect(rule?.lines.dropFirst(4).first == "        return Rule()" && rule?.lines.last == "}")
        #expect(SourceExcerpt("SGD", in: library)?.range == 6...18)
        #expect(SourceExcerpt("SGD.rules", in: library)?.lines == ["public func rules() {}"])
        // Behind the type itself, its extensions are searched.
        #expect(SourceExcerpt("SGD.other", in: library)?.lines == ["func other() { print(\"one line\") }"])
    }

    @Test func whatIsNotDeclaredWithABodyIsNotFound() {
        for name in ["Adam", "SGD.step", "rule", "Optimizer.rule", "SG", "", "SGD.", ".rule", "SGD.rule.x"] {
            #expect(SourceExcerpt(name, in: library) == nil, "\(name)")
        }
    }

    @Test func aTableEscapesTheEndOfACell() {
        let table = MarkdownTable(["a", "b"], rows: [["1|2", "3"], ["4"]])
        #expect(table.markdown == "| a | b |\n|---|---|\n| 1\\|2 | 3 |\n| 4 |  |")
    }

    @Test func linksAreFoundOutsideCode() {
        let text = """
            [![a](b.png)](b.svg) and [lines](../c.swift#L1-L2), [far](https://example.org), [here](#part)
            `array[i](j)` and
            ```swift
            call[0](argument)
            ```
            """
        #expect(MarkdownLinks.local(in: text) == ["b.png", "b.svg", "../c.swift"])
        #expect(MarkdownLinks.broken(in: "[x](nowhere.md) [y](.)", folder: "/") == ["nowhere.md"])
    }
}
