import ArgumentParser
import CommandLine
import Foundation
import System

struct DrawFigure: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "figure", abstract: "Draws one figure, or lists them.")

    static let nameHelp = "The figure: its number in the book or its name; without it, all are listed."

    @Argument(help: ArgumentHelp(nameHelp))
    var name: String?

    func run() throws {
        guard let name else {
            let column = (Figure.all.map(\.name.count).max() ?? 0) + 2
            for figure in Figure.all {
                let name = figure.name.padding(toLength: column, withPad: " ", startingAt: 0)
                print(name + figure.title(upTo: 79 - column))
            }
            return
        }
        let folder = try ReportFolder.current()
        let figure = try Figure.named(name)
        try figure.write(in: folder)
        info("\(figure.path(in: folder)).png and .svg")
    }
}
