import ArgumentParser
import CommandLine
import System

struct BuildSlides: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slides", abstract: "Writes a page as slides to output/slides; needs pandoc.")

    static let pageHelp = "The page: the name of a file in report/chapters without .md, or report."

    @Argument(help: ArgumentHelp(pageHelp))
    var page: String

    func run() throws {
        let list = try PageList(ReportFolder.current())
        let deck = try SlideDeck(list: list, page: list.page(named: page))
        let path = "output/slides/\(deck.page.name).html"
        try WholeFile.write(deck.html(), to: path)
        info("the slides are \(path)")
    }
}
