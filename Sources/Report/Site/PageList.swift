import Foundation
import System

/// The pages of the report, in the order in which the report links to them.
struct PageList {
    /// One page: the report itself, a chapter, or prose.
    struct Page: Equatable {
        /// The name of its file, without the suffix.
        let name: String
        /// The path of its Markdown, from the root of the checkout.
        let path: String
        /// What the report calls it.
        let title: String
        /// The book's chapter that it belongs to.
        let group: String
        /// The name of its file in the site.
        var file: String { name == PageList.reportName ? "index.html" : "\(name).html" }
    }

    static let reportName = "report"
    private static let otherGroup = "Beyond the book"

    let folder: ReportFolder
    /// The report comes first.
    let pages: [Page]
    var title: String { pages[0].title }

    /// - Throws: ``ReportError`` or `FileError` if the pages cannot be read.
    init(_ folder: ReportFolder) throws {
        self.folder = folder
        let path = "report/\(Self.reportName).md"
        let text = try folder.text(path)
        var (names, titles) = ([String](), [String: String]())
        for link in text.matches(of: #/\[([^\]]+)\]\(chapters/(\w+)\.md/#) where titles[String(link.2)] == nil {
            names.append(String(link.2))
            titles[String(link.2)] = String(link.1.replacing("\n", with: " "))
        }
        let files = try FolderContents(folder.chapters).files.filter { $0.hasSuffix(".md") }.map(Path.withoutSuffix)
        // A page that the report does not mention comes last.
        let ordered = names.filter(files.contains) + files.filter { titles[$0] == nil }
        let report = Page(name: Self.reportName, path: path, title: Self.heading(of: text) ?? "The report", group: "")
        pages =
            try [report]
            + ordered.map { name in
                let path = "report/chapters/\(name).md"
                let heading = Self.heading(of: try folder.text(path)) ?? name
                let chapter = heading.prefixMatch(of: /(Chapter \d+):/).map { String($0.1) }
                return Page(name: name, path: path, title: titles[name] ?? heading, group: chapter ?? Self.otherGroup)
            }
    }

    /// - Throws: ``ReportError`` if there is none of that name.
    func page(named name: String) throws -> Page {
        guard let page = pages.first(where: { $0.name == name }) else {
            throw ReportError(
                "there is no page \"\(name)\"; report/chapters has the names, such as Chapter11MiniGoogLeNet")
        }
        return page
    }

    private static func heading(of text: String) -> String? {
        text.prefixMatch(of: /# (.+)/).map { String($0.1) }
    }
}
