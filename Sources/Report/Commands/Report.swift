import ArgumentParser
import ChapterSupport

@main
struct Report: ChapterCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rebuilds figures and report from the code, the chapters and the run records.",
        discussion: "Run it from the root of the checkout.",
        subcommands: [BuildReport.self, DrawFigure.self, AddRecord.self], defaultSubcommand: BuildReport.self)
}
