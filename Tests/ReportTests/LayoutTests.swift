import Foundation
import Testing
@testable import Report

/// The lecture in a browser, as wide as a laptop and as a telephone. Without pandoc or Chromium nothing is tested, and a
/// line says so.
@Suite struct LayoutTests {
    private let checkout = ReportFolder(root: URL(fileURLWithPath: #filePath + "/../../..").standardized.path)

    /// Shows each page in frames, and lists which ones are wider than their frame or lack an image, and which slides are
    /// larger than their frame.
    private func harness(pages: [String], decks: [String]) -> String {
        let frames =
            pages.flatMap { page in
                [1280, 390].map { "<iframe src=\"\(page)\" width=\"\($0)\" height=\"800\"></iframe>" }
            }
            + decks.map { "<iframe src=\"\($0)\" width=\"1280\" height=\"720\"></iframe>" }
        return """
            <!DOCTYPE html>
            <pre id="faults">not loaded</pre>
            \(frames.joined(separator: "\n"))
            <script>
            addEventListener("load", () => {
              const faults = []
              for (const frame of document.querySelectorAll("iframe")) {
                const name = `${frame.getAttribute("src")} at ${frame.width}:`
                const page = frame.contentDocument
                const width = page.documentElement.scrollWidth
                if (width > frame.contentWindow.innerWidth) faults.push(`${name} is ${width} wide`)
                if (page.body.innerText.length < 100) faults.push(`${name} is empty`)
                for (const image of page.images)
                  if (!image.complete || !image.naturalWidth) faults.push(`${name} lacks ${image.alt}`)
                page.querySelectorAll("body > section").forEach((slide, index) => {
                  for (const part of [slide, ...slide.querySelectorAll("pre")])
                    if (part.scrollHeight > part.clientHeight || part.scrollWidth > part.clientWidth)
                      faults.push(`${name} slide ${index + 1} is too large`)
                })
              }
              document.getElementById("faults").textContent = faults.join("\\n") || "none"
              for (const frame of document.querySelectorAll("iframe")) frame.remove()
            })
            </script>
            """
    }

    @Test func pagesAndSlidesFitTheirWindows() throws {
        guard Browser.runs("pandoc") else { return print("LayoutTests: there is no pandoc, so no page is looked at") }
        guard let browser = Browser() else {
            return print("LayoutTests: there is no Chromium, so no page is looked at")
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func write(_ name: String, _ data: Data) throws {
            try data.write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }

        let list = try PageList(checkout)
        let pages = try Site(list: list).files { _ in }
        for page in pages { try write(page.name, page.html) }
        // One with figures, code and output, one with formulas, and one with wide tables.
        let decks = ["Chapter11MiniGoogLeNet", "Chapter07Optimizers", "InceptionFamily"]
        for deck in decks {
            try write("\(deck)-slides.html", SlideDeck(list: list, page: list.page(named: deck)).html())
        }
        try write(
            "harness.html", Data(harness(pages: pages.map(\.name), decks: decks.map { "\($0)-slides.html" }).utf8))

        let contents = try #require(browser.contents(ofPageAt: "\(folder)/harness.html", folder: "\(folder)/browser"))
        #expect(contents.contains("<pre id=\"faults\">none</pre>"), "\(contents)")
        #expect(pages.reduce(0) { $0 + $1.html.count } < 20_000_000)
    }
}
