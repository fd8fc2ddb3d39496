import Foundation
import System

/// The links of a page in HTML that pandoc wrote, and the names in it that links can lead to.
struct HTMLPage {
    private(set) var links: [String] = []
    /// Of images and other embedded files.
    private(set) var sources: [String] = []
    private(set) var anchors: Set<String> = []

    /// Pandoc puts values in double quotes. In text it writes quotes as `&quot;`.
    init(_ html: Data) {
        let pieces = html.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
        for (attribute, value) in zip(pieces, pieces.dropFirst()) {
            func isNamed(_ name: String) -> Bool {
                // Pandoc breaks lines between attributes.
                [" ", "\n"].contains { attribute.suffix(name.count + 2).elementsEqual("\($0)\(name)=".utf8) }
            }
            if isNamed("href") {
                links.append(String(decoding: value, as: UTF8.self))
            } else if isNamed("src") {
                sources.append(String(decoding: value.prefix(200), as: UTF8.self))
            } else if isNamed("id") {
                anchors.insert(String(decoding: value, as: UTF8.self))
            }
        }
    }

    /// Links to nothing, and files that are not embedded.
    ///
    /// - Parameters:
    ///   - pages: all pages by the path that leads to them. One without anchors has any anchor.
    ///   - root: the root of the checkout, which is two folders above the page.
    func faults(pages: [String: HTMLPage?], root: String) -> [String] {
        sources.filter { !$0.hasPrefix("data:") }
            + links.filter { link in
                guard !link.contains("://"), !link.hasPrefix("mailto:") else { return false }
                let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                    .map { $0.removingPercentEncoding ?? String($0) }
                let (path, anchor) = (parts[0], parts.count > 1 ? parts[1] : nil)
                if path.hasPrefix("../../") { return !FileSystem.exists("\(root)/\(path.dropFirst(6))") }
                guard let page = path.isEmpty ? self : pages[path] else { return true }
                return !(anchor.map { anchor in page?.anchors.contains(anchor) ?? true } ?? true)
            }
    }
}
