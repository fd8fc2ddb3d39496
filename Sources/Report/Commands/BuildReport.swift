import ArgumentParser
import CommandLine
import Foundation
import System

struct BuildReport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Draws all figures, weaves all chapters, writes the report (the default).")

    static let checkHelp = "Write nothing; fail if a file differs from what would be written."

    @Flag(help: ArgumentHelp(checkHelp))
    var check = false

    func run() throws {
        let folder = try ReportFolder.current()
        if !check {
            for chapter in try folder.chapterNames() {
                try folder.moveOutputs(chapter, source: folder.text("Chapters/\(chapter)/\(chapter).swift"))
            }
        }
        let pages = try ReportPages(folder)
        if check {
            let faults = try pages.faults()
            for fault in faults { info(fault) }
            guard faults.isEmpty else {
                throw ReportError(
                    (faults.count == 1 ? "1 thing is" : "\(faults.count) things are")
                        + " not as the code makes them; swift run Report writes pages and figures again"
                )
            }
            info(
                "\(counted(pages.texts.count, "page")), \(counted(Figure.all.count, "figure")) and "
                    + "\(counted(pages.catalog.runs.count, "record")) agree")
            return
        }
        let bar = ProgressBar("figures", total: Figure.all.count)
        for (index, figure) in Figure.all.enumerated() {
            do { try figure.write(in: folder) } catch let missing as MissingRun {
                info("no figure \(figure.name): \(missing)")
            }
            bar.update(index + 1)
        }
        for (path, text) in pages.texts { try WholeFile.write(Data(text.utf8), to: path) }
        info("the report begins at \(folder.report)/report.md")
    }
}

/// The report cannot be made, or is out of date; one line that says what to do.
struct ReportError: Error, CustomStringConvertible, Equatable {
    let description: String
    init(_ description: String) { self.description = description }
}
