import ArgumentParser
import CommandLine
import Foundation
import System

struct BuildSite: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "html", abstract: "Writes the report as HTML pages to output/site; needs pandoc.")

    func run() throws {
        let site = try Site(list: PageList(ReportFolder.current()))
        let bar = ProgressBar("pages", total: site.list.pages.count)
        defer { bar.stop() }
        let files = try site.files(progress: bar.update)
        for file in files { try WholeFile.write(file.html, to: "output/site/\(file.name)") }
        let megabytes = Double(files.reduce(0) { $0 + $1.html.count }) / 1e6
        info("\(counted(files.count, "page")), \(digits(megabytes)) MB; the lecture begins at output/site/index.html")
    }
}
