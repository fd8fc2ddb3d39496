import Foundation
import System
import Weaving

/// All pages of the report, made from code, chapters, prose and records.
struct ReportPages {
    let folder: ReportFolder
    let catalog: RunCatalog
    /// The names of the figures whose runs are recorded.
    private let drawable: Set<String>
    /// By path, in order.
    private(set) var texts: [(path: String, text: String)] = []

    init(_ folder: ReportFolder) throws {
        self.folder = folder
        catalog = try RunCatalog(folder)
        drawable = Set(Figure.all.filter { $0.isDrawable(in: folder) }.map(\.name))
        for chapter in try folder.chapterNames() {
            texts.append(("\(folder.chapters)/\(chapter).md", try woven(chapter)))
        }
        for page in try folder.proseNames() {
            let path = "\(folder.chapters)/\(page)"
            guard !texts.contains(where: { $0.path == path }) else {
                throw ReportError("report/prose/\(page) has the name of a chapter")
            }
            texts.append((path, try woven(prose: page, root: "../..")))
        }
        texts.append(("\(folder.report)/report.md", try woven(prose: "report.md", root: "..")))
    }

    /// A page of prose without a program.
    private func woven(prose page: String, root: String) throws -> String {
        let lines = try folder.text("report/prose/\(page)").split(separator: "\n", omittingEmptySubsequences: false)
        return try weaver(root: root).weave(prose: lines.map(String.init))
    }

    /// A chapter, with the command that runs it below its title.
    private func woven(_ chapter: String) throws -> String {
        let path = "Chapters/\(chapter)/\(chapter).swift"
        let literate = LiterateSource(try folder.text(path))
        guard case .prose(let lines)? = literate.blocks.first, let title = lines.first, title.hasPrefix("# ") else {
            throw ReportError("\(path) does not begin with a title: //: # ...")
        }
        let output = try ChapterOutput(chapter, source: folder.text(path), folder, catalog)
        let text = try weaver(root: "../..").weave(literate) {
            Self.link(path, lines: $0, root: "../..")
        } output: {
            output?.markdown(printedBy: $0, root: "../..")
        }
        let command =
            "Run it with `swift run \(chapter)`; this page is woven from [its source](../../\(path))."
            + (output.map { " The outputs under the code are those of \($0.origin)." } ?? "")
        return text.replacing("\(title)\n", with: "\(title)\n\n\(command)\n", maxReplacements: 1)
    }

    /// A link to lines of a source.
    private static func link(_ path: String, lines: ClosedRange<Int>, root: String) -> String {
        "<sub>[\(path), lines \(lines.lowerBound) to \(lines.upperBound)]"
            + "(\(root)/\(path)#L\(lines.lowerBound)-L\(lines.upperBound))</sub>"
    }

    /// The code of `@source PATH`, a whole file, or of `@source PATH NAME`, one declaration in it.
    private func code(_ words: String, root: String) throws -> String {
        let words = words.split(separator: " ", maxSplits: 1).map(String.init)
        let path = words.first ?? ""
        let text = try folder.text(path)
        if words.count > 1 {
            guard let excerpt = SourceExcerpt(words[1], in: text) else {
                throw ReportError("\(path) does not declare \(words[1])")
            }
            return Weaver.fence(excerpt.lines) + "\n" + Self.link(path, lines: excerpt.range, root: root)
        }
        return Weaver.fence(SourceExcerpt(wholeOf: text).lines) + "\n<sub>[\(path)](\(root)/\(path))</sub>"
    }

    /// - Parameter root: from the page to the root of the checkout.
    private func weaver(root: String) -> Weaver {
        Weaver(directives: [
            "figure": { name in
                let figure = try Figure.named(name)
                let path = "\(root)/figures/\(name)"
                guard drawable.contains(name) else {
                    return "*Figure \(name) is drawn once its run is recorded.* \(figure.caption)"
                }
                return "[![Figure \(name)](\(path).png)](\(path).svg)\n\n***Figure \(name)*** \(figure.caption)"
            },
            "table": { name in
                guard let table = Tables.all[name] else {
                    throw ReportError("there is no table \"\(name)\"; there are \(Tables.all.keys.sorted())")
                }
                return try table(catalog, folder, root)
            },
            "source": { try code($0, root: root) },
        ])
    }

    // MARK: - Checking

    /// What in the folder differs from what would be written, one line each.
    func faults() throws -> [String] {
        var faults: [String] = []
        for chapter in try folder.chapterNames() {
            let source = try folder.text("Chapters/\(chapter)/\(chapter).swift")
            faults += try ChapterOutput.faults(chapter, source: source, folder)
        }
        for (path, text) in texts {
            if (try? FileBytes.read(path)) != Array(text.utf8) {
                faults.append("\(path) differs from what its sources make")
            }
            let links = MarkdownLinks.broken(in: text, folder: Path.folder(of: path))
            faults += links.map { "\(path) links to \($0), which does not exist" }
        }
        let expected = Set(texts.map(\.path))
        let found = (try? FolderContents(folder.chapters).files) ?? []
        faults += found.map { "\(folder.chapters)/\($0)" }.filter { !expected.contains($0) }
            .map { "\($0) belongs to no chapter" }
        let figures = Set(drawable.flatMap { ["\($0).png", "\($0).svg"] })
        let drawn = Set((try? FolderContents(folder.figures).files) ?? [])
        faults += figures.subtracting(drawn).sorted().map { "\(folder.figures)/\($0) does not exist" }
        faults += drawn.subtracting(figures).sorted().map { "\(folder.figures)/\($0) is not a figure of the report" }
        for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
            guard let text = try? folder.text(name) else { continue }
            faults += MarkdownLinks.broken(in: text, folder: folder.root).map {
                "\(folder.root)/\(name) links to \($0), which does not exist"
            }
        }
        do { faults += try Manifest(folder).importFaults(folder) } catch is NoManifest {}
        for name in try folder.classifierNames() {
            let expected = try folder.classifier(name).name
            if expected != name { faults.append("\(folder.classifierPath(name)) is of the classifier \(expected)") }
        }
        for run in catalog.runs where run.name != run.record.runName {
            faults.append("\(folder.recordPath(run.name)) is of the run \(run.record.runName)")
        }
        return faults
    }
}
