import ArgumentParser
import CommandLine
import Experiments
import Runs
import System

struct AddRecord: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Checks the record of a run and files it under report/runs.",
        discussion: "Samples for figures beside it, under the same name, are filed too.")

    @Argument(
        help: """
            The record that a chapter wrote to its output folder: NAME.run.json of a training, NAME.record.json of a \
            classifier.
            """,
        transform: Path.argument)
    var path: String

    @Option(help: "A note for readers about what the program could not know, such as other work on the same machine.")
    var note: String?

    static let overwriteHelp = "Replace the filed record of the same run."

    @Flag(help: ArgumentHelp(overwriteHelp))
    var overwrite = false

    func run() throws {
        let folder = try ReportFolder.current()
        guard !path.hasSuffix(ClassifierRecord.suffix) else { return try addClassifier(to: folder) }
        var record = try RunRecord(contentsOf: path)
        guard !record.epochs.isEmpty else { throw RunRecordError("\(path) has no epochs") }
        if let note { record.note = [record.note, note].compactMap { $0 }.joined(separator: " ") }
        let target = folder.recordPath(record.runName)
        guard overwrite || !FileSystem.exists(target) else {
            throw RunRecordError("\(target) is already there; --overwrite replaces it")
        }
        // A filed record may be filed again, with a note. Its samples stay.
        if Path.resolved(path) != Path.resolved(target) {
            let samples = path.hasSuffix(".run.json") ? path.dropLast(9) + ".samples.hdf5" : path
            let filed = folder.samplesPath(record.runName)
            if samples != path, FileSystem.exists(samples) {
                try RunSamples(contentsOf: samples).write(to: filed)
            } else if FileSystem.exists(filed) {
                // The files of the run that this one replaces.
                FileSystem.remove(filed)
            }
        }
        try record.write(to: target)
        info("filed as \(target); swift run Report includes it")
    }
}

extension AddRecord {
    private func addClassifier(to folder: ReportFolder) throws {
        guard note == nil else { throw RunRecordError("the record of a classifier takes no note") }
        let record = try ClassifierRecord(contentsOf: path)
        let target = folder.classifierPath(record.name)
        guard overwrite || !FileSystem.exists(target) else {
            throw RunRecordError("\(target) is already there; --overwrite replaces it")
        }
        try record.write(to: target)
        info("filed as \(target); swift run Report includes it")
    }
}

extension RunRecord {
    /// The folder that the run is filed in: network, data and their number, experiment, its length, seed; and the chapter,
    /// if that is not enough.
    var runName: String {
        let twins = Experiments.all.filter {
            $0.name == experiment.name && $0.networkName == network.name && $0.dataset.rawValue == dataset.name
        }
        let words =
            [network.name, dataset.name, "\(dataset.trainingImages)-images"]
            // Two chapters may train the same network on the same data under the same name.
            + (twins.count > 1 ? [chapter] : []) + [experiment.name, "\(experiment.epochs)-epochs", "seed-\(seed)"]
        return words.joined(separator: "-").lowercased().map { $0.isLetter || $0.isNumber ? String($0) : "-" }.joined()
    }
}
