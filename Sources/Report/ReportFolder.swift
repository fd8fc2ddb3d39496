import Foundation
import Runs
import System

/// Where the report and what it is made from lie, from the root of a checkout.
struct ReportFolder {
    /// The checkout; the working folder unless told otherwise.
    var root = "."
    var figures: String { "\(root)/figures" }
    var report: String { "\(root)/report" }
    /// The run records, a folder for each: `<run>/run.json` and, for some, `<run>/samples.hdf5`.
    var runs: String { "\(root)/report/runs" }
    /// Images of data sets, for figures.
    var samples: String { "\(root)/report/samples" }
    /// Histories that the documents publish, for figures.
    var published: String { "\(root)/report/published" }
    var chapters: String { "\(root)/report/chapters" }

    func recordPath(_ run: String) -> String { "\(runs)/\(run)/run.json" }

    /// A few images and weights of the run, for figures.
    func samplesPath(_ run: String) -> String { "\(runs)/\(run)/samples.hdf5" }

    func record(_ run: String) throws -> RunRecord { try RunRecord(contentsOf: recordPath(run)) }

    /// The names of all runs that are filed, sorted.
    func runNames() throws -> [String] {
        guard FileSystem.exists(runs) else { return [] }
        return try FolderContents(runs).folders
            .filter { FileSystem.exists(recordPath($0)) }
    }

    /// The working folder.
    ///
    /// - Throws: ``ReportError`` where it is not a checkout.
    static func current() throws -> ReportFolder {
        let folder = ReportFolder()
        guard FileSystem.exists("\(folder.root)/Chapters"),
            FileSystem.exists("\(folder.root)/Package.swift")
        else { throw ReportError("there are no chapters here; run it from the root of the checkout") }
        return folder
    }

    /// All chapters: the programs that mirror a script.
    func chapterNames() throws -> [String] {
        try FolderContents("\(root)/Chapters").folders
    }

    /// - Parameter path: from the root of the checkout.
    func text(_ path: String) throws -> String {
        do { return String(decoding: try FileBytes.read("\(root)/\(path)"), as: UTF8.self) } catch {
            throw ReportError("\(error)")
        }
    }
}
