import Plotting

/// One figure of the report: what it is called, and how it is drawn.
struct Figure: Sendable {
    /// As one asks for it: the book's number, "11.6", or a word, "confusion-matrix".
    let name: String
    /// What stands below it.
    let caption: String
    let picture: @Sendable (ReportFolder) throws -> any Picture

    /// Of the files, without extension: `figures/<name>.png` and `.svg`.
    func path(in folder: ReportFolder) -> String { "\(folder.figures)/\(name)" }

    func write(in folder: ReportFolder) throws {
        let picture = try picture(folder)
        try picture.writePNG(to: path(in: folder) + ".png")
        try picture.writeSVG(to: path(in: folder) + ".svg")
    }

    /// All figures, in the order of the report.
    static let all: [Figure] = networkFigures + resultFigures
}
