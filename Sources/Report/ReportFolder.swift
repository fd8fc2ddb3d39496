import Foundation
import NeuralNetwork
import Runs
import System

/// The folders of the report and its sources, from the root of a checkout.
struct ReportFolder {
    /// The root of the checkout; by default the working folder.
    var root = "."
    var figures: String { "\(root)/figures" }
    var report: String { "\(root)/report" }
    /// The run records, one folder each: `<run>/run.json` and, for some, `<run>/samples.hdf5`.
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

    /// The records of classifiers of features, one file each.
    var classifiers: String { "\(root)/report/classifiers" }

    func classifierPath(_ name: String) -> String { "\(classifiers)/\(name).json" }

    func classifier(_ name: String) throws -> ClassifierRecord {
        try ClassifierRecord(contentsOf: classifierPath(name))
    }

    /// The names of all filed classifiers, sorted.
    func classifierNames() throws -> [String] {
        guard FileSystem.exists(classifiers) else { return [] }
        return try FolderContents(classifiers).files.filter { $0.hasSuffix(".json") }.map { Path.withoutSuffix($0) }
    }

    /// What `Benchmark predict --model ... --batch-size 8` printed, from the root of the checkout.
    ///
    /// - Parameter network: as the report calls it: `Inception v3`.
    func speedPath(of network: String) -> String {
        "report/speeds/\(network.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")).json"
    }

    /// Images a second that a network predicts, as it was measured; `nil` if it was not.
    func speed(of network: String) throws -> String? {
        let path = speedPath(of: network)
        guard FileSystem.exists("\(root)/\(path)") else { return nil }
        guard let speed = try JSON(parsing: text(path))["images_per_second"]?.number else {
            throw ReportError("\(path) is not what Benchmark prints")
        }
        return String(format: "%.1f", speed)
    }

    /// The names of all filed runs, sorted.
    func runNames() throws -> [String] {
        guard FileSystem.exists(runs) else { return [] }
        return try FolderContents(runs).folders
            .filter { FileSystem.exists(recordPath($0)) }
    }

    /// The working folder.
    ///
    /// - Throws: ``ReportError`` if it is not a checkout.
    static func current() throws -> ReportFolder {
        let folder = ReportFolder()
        guard FileSystem.exists("\(folder.root)/Chapters"),
            FileSystem.exists("\(folder.root)/Package.swift")
        else { throw ReportError("there are no chapters here; run the program in the root of the checkout") }
        return folder
    }

    /// All chapters: the programs that mirror a script.
    func chapterNames() throws -> [String] {
        try FolderContents("\(root)/Chapters").folders
    }

    /// The files of prose that become pages beside the chapters: all but the report itself.
    func proseNames() throws -> [String] {
        let prose = "\(root)/report/prose"
        guard FileSystem.exists(prose) else { return [] }
        return try FolderContents(prose).files.filter { $0.hasSuffix(".md") && $0 != "report.md" }
    }

    /// - Parameter path: from the root of the checkout.
    func text(_ path: String) throws -> String {
        do { return String(decoding: try FileBytes.read("\(root)/\(path)"), as: UTF8.self) } catch {
            throw ReportError("\(error)")
        }
    }
}
