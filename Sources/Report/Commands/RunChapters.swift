import ArgumentParser
import CommandLine
import Foundation
import Runs
import System

struct RunChapters: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs chapters on drawn pictures, and keeps what they print for the pages.")

    static let namesHelp = "The chapters; without any, all, in the order in which they need each other's files."

    @Argument(help: ArgumentHelp(namesHelp))
    var chapters: [String] = []

    /// What the runs write, and find of each other.
    private static let workingFolder = "output/chapter-runs"

    func run() throws {
        let folder = try ReportFolder.current()
        let runs = try chapters.isEmpty ? DefaultRun.all : chapters.map(DefaultRun.named)
        let work = "\(folder.root)/\(Self.workingFolder)"
        if chapters.isEmpty, FileSystem.exists(work) { try FileManager.default.removeItem(atPath: work) }
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        for (number, run) in runs.enumerated() {
            info("\(number + 1)/\(runs.count): \(run.commandLine)...")
            let result = try perform(run, in: work)
            try folder.keep(result, of: run.chapter, picturesIn: "\(work)/output")
            info("it took \(ProgressLine.duration(result.seconds))")
        }
        info("swift run Report puts the outputs into the pages")
    }

    private func perform(_ run: DefaultRun, in work: String) throws -> ChapterRun {
        let program = Path.folder(of: Path.resolved("/proc/self/exe")) + "/\(run.chapter)"
        guard FileSystem.exists(program) else {
            throw ReportError("\(run.chapter) is not built; build all programs first: swift build")
        }
        if let pictures = run.pictures, !FileSystem.exists("\(work)/\(pictures.name)") { try pictures.draw(in: work) }
        let log = "\(work)/\(run.chapter).txt", transcript = "\(work)/transcript.json"
        // Files of an earlier run may be there.
        let replaces =
            try start(program, ["--help"], in: work, log).status == 0
            && String(decoding: FileBytes.read(log), as: UTF8.self).contains("--overwrite")
        FileSystem.remove(transcript)
        let started = Date.now
        let (status, seconds) = try start(program, run.arguments + (replaces ? ["--overwrite"] : []), in: work, log)
        guard status == 0, FileSystem.exists(transcript) else {
            let printed = String(decoding: try FileBytes.read(log), as: UTF8.self)
            let reason = printed.split(separator: "\n").last.map { ": \($0.trimmingPrefix("error: "))" } ?? ""
            throw ReportError(
                "\(run.commandLine) failed\(reason). If it needs another chapter's files, name that chapter before it, or "
                    + "name none to run all; the whole output is in \(log)")
        }
        return ChapterRun(
            commandLine: run.commandLine, started: started, seconds: seconds,
            transcript: try Transcript(contentsOf: transcript))
    }

    /// Runs a program to its end; what it prints goes to the file `log`.
    private func start(
        _ program: String, _ arguments: [String], in work: String, _ log: String
    ) throws -> (status: Int32, seconds: Double) {
        try WholeFile.write(Data(), to: log)
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: work)
        (process.standardOutput, process.standardError) = (output, output)
        // Data sets and weights of this machine would take the place of the drawn pictures.
        let home = Path.resolved(work)
        process.environment = ProcessInfo.processInfo.environment.filter { $0.key != "PYIMAGESEARCH_DATA" }.merging([
            "HOME": home, "XDG_CACHE_HOME": home, ChapterRun.transcriptVariable: "\(home)/transcript.json",
        ]) { $1 }
        let start = ContinuousClock.now
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, (ContinuousClock.now - start) / .seconds(1))
    }
}
