import Plotting

/// One figure of the report: its name, and how it is drawn.
struct Figure: Sendable {
    /// As in `@figure`: the book's number, "11.6", or a word, "confusion-matrix".
    let name: String
    /// The caption.
    let caption: String
    let picture: @Sendable (ReportFolder) throws -> any Picture

    /// The name of the files, without extension: `figures/<name>.png` and `.svg`.
    func path(in folder: ReportFolder) -> String { "\(folder.figures)/\(name)" }

    func write(in folder: ReportFolder) throws {
        let picture = try picture(folder)
        try picture.writePNG(to: path(in: folder) + ".png")
        try picture.writeSVG(to: path(in: folder) + ".svg")
    }

    /// The first sentence of the caption, cut after a word to at most this many characters.
    func title(upTo longest: Int) -> String {
        // A sentence ends with a full stop before a capital letter, so "et al. (2015)" does not end one.
        let sentence = caption.prefixMatch(of: /.*?\.(?= [A-Z"]|$)/).map { String($0.output) } ?? caption
        guard sentence.count > longest else { return sentence }
        var words = sentence.split(separator: " ")
        while !words.isEmpty, words.joined(separator: " ").count > longest - 3 { words.removeLast() }
        return words.joined(separator: " ") + "..."
    }

    /// Whether the run that it shows is recorded.
    func isDrawable(in folder: ReportFolder) -> Bool {
        do {
            _ = try picture(folder)
            return true
        } catch { return !(error is MissingRun || error is NoManifest) }
    }

    /// - Throws: ``ReportError`` if there is none of that name.
    static func named(_ name: String) throws -> Figure {
        guard let figure = all.first(where: { $0.name == name }) else {
            throw ReportError(
                "there is no figure \"\(name)\"; there are \(all.map(\.name).joined(separator: ", "))")
        }
        return figure
    }

    /// All figures, in the order of the report.
    static let all: [Figure] =
        preprocessingFigures + rankFigures + transferFigures + optimizerFigures + pathwayFigures + networkFigures
        + resultFigures
        + packageFigures
}
