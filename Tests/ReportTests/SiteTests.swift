import Foundation
import Testing
@testable import Report

/// The order of the pages, and the links between them.
@Suite struct SiteTests {
    private let checkout = ReportFolder(root: URL(fileURLWithPath: #filePath + "/../../..").standardized.path)

    @Test func everyPageIsInTheLectureOnce() throws {
        let list = try PageList(checkout)
        let files = try FileManager.default.contentsOfDirectory(atPath: checkout.chapters).filter {
            $0.hasSuffix(".md")
        }
        #expect(list.pages.map(\.name).sorted() == (files.map { String($0.dropLast(3)) } + ["report"]).sorted())
        #expect(list.pages.first?.file == "index.html" && list.title.contains("GoogLeNet"))
        let page = try list.page(named: "Chapter11MiniGoogLeNet")
        #expect(page.file == "Chapter11MiniGoogLeNet.html" && page.group == "Chapter 11")
        #expect(page.title == "MiniGoogLeNet on CIFAR-10")
        #expect(try list.page(named: "InceptionFamily").group == "Beyond the book")
        let error = try #require(throws: ReportError.self) { _ = try list.page(named: "Chapter99") }
        #expect(error.description.contains("no page \"Chapter99\"; report/chapters has the names"))
    }

    @Test func linksToNothingAreFound() {
        let page = HTMLPage(
            Data(
                """
                <p id="here">a &quot;b&quot; <a href="#here">1</a> <a class="x"
                href="#gone">2</a>
                <a href="Other.html">3</a> <a href="Other.html#there">4</a> <a href="Other.html#gone">5</a>
                <a href="Gone.html">6</a> <a href="../../Package.swift#L1">7</a> <a href="../../Gone.swift">8</a>
                <a href="https://example.org/x">9</a> <a href="Any.html#name">10</a></p>
                <img src="data:image/png;base64,AA=="> <img alt="" src="figures/1.png">
                """.utf8))
        let other = HTMLPage(Data("<h2 id=\"there\">There</h2>".utf8))
        #expect(
            page.faults(pages: ["Other.html": other, "Any.html": nil], root: checkout.root)
                == ["figures/1.png", "#gone", "Other.html#gone", "Gone.html", "../../Gone.swift"])
    }

    // MARK: - With pandoc

    /// A checkout with the page that is shown, and the settings for pandoc.
    private func withPages(_ pages: [String: String], _ body: (PageList) throws -> Void) throws {
        guard Browser.runs("pandoc") else { return print("SiteTests: there is no pandoc, so no page is made") }
        let root = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: root) }
        try FileManager.default.createDirectory(atPath: "\(root)/report/chapters", withIntermediateDirectories: true)
        for folder in ["report/site", "figures"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(root)/\(folder)", withDestinationPath: "\(checkout.root)/\(folder)")
        }
        for (path, text) in pages { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(root)/report/\(path)")) }
        try body(PageList(ReportFolder(root: root)))
    }

    @Test func aPageBecomesOneFileWithItsNeighbors() throws {
        try withPages([
            "report.md": "# The lecture\n\n[one](chapters/A.md) and [two & more](chapters/B.md#b)\n",
            "chapters/A.md": """
            # Chapter 1: A

            [the report](../report.md)

            [![Figure 11.6](../../figures/11.6.png)](../../figures/11.6.svg)

            ***Figure 11.6*** The caption.

            ```swift
            let a = 1
            ```
            <sub>[Settings](../../report/site/page.yaml#L1)</sub>

            ```output
            printed
            ```

            ![plot.png](../../figures/11.6.png)
            <sub>[Settings](../../report/site/page.yaml)</sub>
            """,
            "chapters/B.md": "# B\n\n## B\n",
        ]) { list in
            let files = try Site(list: list).files { _ in }
            #expect(files.map(\.name) == ["index.html", "A.html", "B.html"])
            let texts = files.map { String(decoding: $0.html, as: UTF8.self) }
            #expect(texts[0].contains("<a href=\"B.html#b\">two &amp; more</a>"))
            for text in [
                "<h1 id=\"chapter-1-a\">Chapter 1: A</h1>", "<a href=\"index.html\">the report</a>",
                "id=\"figure-11.6\"",
                "src=\"data:image/svg+xml;base64,", "<figcaption>", "class=\"sourceCode swift\"",
                "<a href=\"../../report/site/page.yaml#L1\">Settings</a>", "<div class=\"output\">",
                "<div class=\"figure output\">", "<div class=\"source\">", "<figcaption>\n<a href",
                "href=\"B.html\"><small>Next</small> two &amp; more</a>", "prefers-color-scheme: dark",
            ] {
                #expect(texts[1].contains(text), "\(text)")
            }
        }
    }

    @Test func aLinkToNothingNamesPageAndLink() throws {
        for (link, shown) in [("chapters/Gone.md", "Gone.html"), ("#gone", "#gone"), ("../Gone", "../../Gone")] {
            try withPages(["report.md": "# The lecture\n\n[one](\(link))\n"]) { list in
                #expect(throws: ReportError("report/report.md links to \(shown), which does not exist")) {
                    _ = try Site(list: list).files { _ in }
                }
            }
        }
    }

    @Test func longCodeIsDistributedOverSlides() throws {
        let code = (1...60).map { "let a\($0) = \($0)" }.joined(separator: "\n")
        try withPages(["report.md": "# The lecture\n\n## One\n\nText.\n\n## Two\n\n```swift\n\(code)\n```\n"]) { list in
            let html = try SlideDeck(list: list, page: list.pages[0]).html()
            let text = String(decoding: html, as: UTF8.self)
            // The title, the first part, and 60 lines on slides of 17.
            #expect(text.components(separatedBy: "<section").count - 1 == 6)
            #expect(text.components(separatedBy: "id=\"two\"").count == 2)
            #expect(!text.contains("src=\"http") && !text.contains("href=\"http"))
        }
    }
}
