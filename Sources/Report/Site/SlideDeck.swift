import Foundation

/// A page of the lecture as slides, in one file that needs no network.
struct SlideDeck {
    let list: PageList
    let page: PageList.Page

    /// - Throws: ``ReportError`` if a link leads to nothing, or if pandoc is missing or fails.
    func html() throws -> Data {
        let html = try Pandoc.html(
            of: page.path, settings: "slides.yaml", metadata: ["lecture": list.title], in: list.folder)
        // Slides link to the pages of the site, whose anchors are not known here.
        let pages = Dictionary(uniqueKeysWithValues: list.pages.map { ("../site/\($0.file)", HTMLPage?.none) })
        if let link = HTMLPage(html).faults(pages: pages, root: list.folder.root).first {
            throw ReportError("\(page.path) links to \(link), which does not exist")
        }
        return html
    }
}
