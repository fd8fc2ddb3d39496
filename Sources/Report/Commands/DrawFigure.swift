import ArgumentParser
import ChapterSupport

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
        let folder = try ReportFolder.current()
        let figure = try Figure.named(name)
        try figure.write(in: folder)
        info("\(figure.path(in: folder)).png and .svg")
    }
}
