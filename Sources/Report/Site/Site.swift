import Foundation

/// The lecture as HTML pages that link to each other.
struct Site {
    let list: PageList

    /// All pages, by the name of the file.
    ///
    /// - Parameter progress: is told how many pages are done.
    /// - Throws: ``ReportError`` if a link leads to nothing, or if pandoc is missing or fails.
    func files(progress: (Int) -> Void) throws -> [(name: String, html: Data)] {
        let files = try list.pages.enumerated().map { index, page in
            let html = try Pandoc.html(
                of: page.path, settings: "page.yaml", metadata: navigation(at: index), in: list.folder)
            progress(index + 1)
            return (name: page.file, html: html)
        }
        let pages = Dictionary(uniqueKeysWithValues: files.map { ($0.name, HTMLPage($0.html)) })
        for page in list.pages {
            guard let link = pages[page.file]?.faults(pages: pages, root: list.folder.root).first else { continue }
            throw ReportError("\(page.path) links to \(link), which does not exist")
        }
        return files
    }

    // MARK: - Navigation

    /// What the template `report/site/page.html` shows around a page.
    private struct Navigation: Encodable {
        let lecture: String
        let isIndex: Bool
        let previous: Entry?
        let next: Entry?
        let groups: [Group]

        struct Entry: Encodable {
            let file: String
            let title: String
            let isCurrent: Bool
        }

        struct Group: Encodable {
            let title: String
            let isOpen: Bool
            let pages: [Entry]
        }
    }

    private func navigation(at index: Int) -> Navigation {
        let pages = list.pages
        func entry(_ page: PageList.Page) -> Navigation.Entry {
            .init(file: page.file, title: page.title, isCurrent: page == pages[index])
        }
        var groups: [String] = []
        for page in pages.dropFirst() where !groups.contains(page.group) { groups.append(page.group) }
        return Navigation(
            lecture: list.title, isIndex: index == 0,
            previous: index > 0 ? entry(pages[index - 1]) : nil,
            next: index + 1 < pages.count ? entry(pages[index + 1]) : nil,
            groups: groups.map { group in
                .init(
                    title: group, isOpen: group == pages[index].group,
                    pages: pages.filter { $0.group == group }.map(entry))
            })
    }
}
