import ArgumentParser
import CommandLine

@main
struct Report: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "Report",
        abstract: "Rebuilds figures and report from the code, the chapters and the run records.",
        usage: """
            Report [build] [--check]
            Report figure [<name>]
            Report add [--overwrite] <path>
            Report run [<chapters> ...]
            Report html
            Report slides <page>
            """,
        discussion: """
            Run it from the root of the checkout.

            FLAGS OF THE SUBCOMMANDS:
              [build] --check
                \(BuildReport.checkHelp)
              figure <name>
                \(DrawFigure.nameHelp)
              add --overwrite <path>
                \(AddRecord.overwriteHelp)
              run <chapters>
                \(RunChapters.namesHelp)
              slides <page>
                \(BuildSlides.pageHelp)
            """,
        version: PackageVersion.number,
        subcommands: [
            BuildReport.self, DrawFigure.self, AddRecord.self, RunChapters.self, BuildSite.self, BuildSlides.self,
        ],
        defaultSubcommand: BuildReport.self)
}
