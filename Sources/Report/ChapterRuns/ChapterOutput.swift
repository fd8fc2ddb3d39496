import Foundation
import Imaging
import Runs
import System
import Weaving

/// What a chapter printed in a run that is kept, placed under the code that printed it.
struct ChapterOutput {
    /// The file of the run, from the root of the checkout.
    let record: String
    /// How it was run: command, time and machine.
    let origin: String
    /// With the lines' numbers as they are in the source now.
    private let entries: [Transcript.Entry]
    /// Whether the pictures of the entries are kept.
    let hasPictures: Bool

    private init(record: String, origin: String, transcript: Transcript, hasPictures: Bool) {
        (self.record, self.origin, self.entries) = (record, origin, transcript.entries)
        self.hasPictures = hasPictures
    }

    /// The chapter's newest filed training whose lines are all still there; without one, its default run.
    ///
    /// - Parameter source: of the chapter.
    /// - Returns: `nil` if neither is there.
    init?(_ chapter: String, source: String, _ folder: ReportFolder, _ catalog: RunCatalog) throws {
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        let filed = catalog.runs.filter { $0.record.chapter == chapter }
            .sorted { ($0.record.stages.last?.ended ?? .distantPast) > ($1.record.stages.last?.ended ?? .distantPast) }
        for run in filed {
            guard let stage = run.record.stages.last, let transcript = stage.transcript else { continue }
            guard let moved = transcript.moved(to: lines) else { continue }
            self.init(
                record: "report/runs/\(run.name)/run.json",
                origin: Self.words(stage.commandLine, run.record.trainingTime, stage.machine.processor, stage.started),
                transcript: moved, hasPictures: false)
            return
        }
        guard let run = try folder.chapterRun(chapter) else { return nil }
        self.init(
            record: "report/outputs/\(chapter).json",
            origin: Self.words(run.commandLine, run.seconds, run.processor, run.started)
                + ", with drawn shapes for pictures",
            transcript: run.transcript,
            hasPictures: true)
    }

    private static func words(_ command: String, _ seconds: Double, _ processor: String, _ date: Date) -> String {
        let day = date.formatted(.iso8601.year().month().day())
        return "`\(command)`, \(ProgressLine.duration(seconds)) on \(shortName(processor)), \(day)"
    }

    private static func shortName(_ processor: String) -> String {
        processor.replacing(/\(R\)|\(TM\)|\sCPU|\sProcessor|\s@[^,]*/, with: "")
    }

    /// What the lines of a block of code printed, in Markdown; `nil` if they printed nothing.
    ///
    /// - Parameter root: from the page to the root of the checkout.
    func markdown(printedBy lines: ClosedRange<Int>, root: String) -> String? {
        var pieces: [String] = [], text: [String] = []
        func endText() {
            if !text.isEmpty { pieces.append((["```output"] + text + ["```"]).joined(separator: "\n")) }
            text = []
        }
        for entry in entries where lines.contains(entry.line) {
            if let picture = entry.picture {
                guard hasPictures else { continue }
                endText()
                pieces.append("![\(picture)](\(root)/\(Path.withoutSuffix(record))/\(picture))")
                continue
            }
            let half = entry.text.count / 2
            text +=
                entry.leftOut == 0
                ? entry.text
                : entry.text[..<half] + ["... (\(counted(entry.leftOut, "line")) left out)"] + entry.text[half...]
        }
        endText()
        guard !pieces.isEmpty else { return nil }
        return pieces.joined(separator: "\n\n") + "\n<sub>output of [this run](\(root)/\(record))</sub>"
    }

    /// What is not as it was when the chapter ran, in one line each.
    static func faults(_ chapter: String, source: String, _ folder: ReportFolder) throws -> [String] {
        let path = folder.chapterRunPath(chapter)
        guard let run = try folder.chapterRun(chapter) else {
            return ["\(path) does not exist: swift run Report run \(chapter)"]
        }
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        let entries = run.transcript.entries
        let moved = entries.first { entry in
            !lines.indices.contains(entry.line - 1)
                || lines[entry.line - 1].trimmingCharacters(in: .whitespaces) != entry.source
        }
        let missing = entries.compactMap(\.picture).filter { !FileSystem.exists("\(Path.withoutSuffix(path))/\($0)") }
        return
            (moved.map { ["\(path): line \($0.line) of the chapter, which printed, is not `\($0.source)` any more"] }
            ?? [])
            + missing.map { "\(Path.withoutSuffix(path))/\($0) does not exist: swift run Report run \(chapter)" }
    }
}

extension ReportFolder {
    /// The record of a chapter's default run.
    func chapterRunPath(_ chapter: String) -> String { "\(report)/outputs/\(chapter).json" }

    /// In pixels.
    private static let widestPicture = 1000

    func chapterRun(_ chapter: String) throws -> ChapterRun? {
        let path = chapterRunPath(chapter)
        return FileSystem.exists(path) ? try ChapterRun(contentsOf: path) : nil
    }

    /// Keeps a chapter's run, and the pictures that it has written.
    ///
    /// - Parameter places: the folder that they are in, or in a folder of it.
    func keep(_ run: ChapterRun, of chapter: String, picturesIn places: String) throws {
        let path = chapterRunPath(chapter), pictures = Path.withoutSuffix(path)
        if FileSystem.exists(pictures) { try FileManager.default.removeItem(atPath: pictures) }
        for name in Set(run.transcript.entries.compactMap(\.picture)) {
            let found = FileManager.default.enumerator(atPath: places)?.compactMap { $0 as? String }
                .first { Path.name(of: $0) == name }
            guard let found else { throw ReportError("\(chapter) has shown \(name), which is not in \(places)") }
            let picture = try Image(contentsOf: "\(places)/\(found)")
            // On a page a picture is narrower than in its file, and every page carries its own.
            let width = min(picture.width, Self.widestPicture)
            try picture.resized(width: width, height: picture.height * width / picture.width, interpolation: .area)
                .write(to: "\(pictures)/\(name)")
        }
        try run.write(to: path)
    }

    /// Moves the lines of the kept runs to where they are now, where every line is still there.
    func moveOutputs(_ chapter: String, source: String) throws {
        guard var run = try chapterRun(chapter) else { return }
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        guard let moved = run.transcript.moved(to: lines), moved != run.transcript else { return }
        run.transcript = moved
        try run.write(to: chapterRunPath(chapter))
    }
}
