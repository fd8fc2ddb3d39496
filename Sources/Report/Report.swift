import ArgumentParser
import ChapterSupport

@main
struct Report: ChapterCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rebuilds figures and report from the code, the chapters and the run records.",
        subcommands: [DrawFigure.self])
}

struct DrawFigure: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "figure", abstract: "Draws one figure, or lists them.")

    @Argument(help: "The figure: its number in the book, or its name; without it, all are listed.")
    var name: String?

    func run() throws {
        guard let name else {
            for figure in Figure.all { print("\(figure.name)\t\(figure.caption)") }
            return
        }
        guard let figure = Figure.all.first(where: { $0.name == name }) else {
            throw ValidationError(
                "there is no figure \"\(name)\"; there are \(Figure.all.map(\.name).joined(separator: ", "))")
        }
        let folder = ReportFolder()
        try figure.write(in: folder)
        info("\(figure.path(in: folder)).png and .svg")
    }
}
