import Foundation
import ProgramSupport
import Runs
import Testing

/// The report's program, in folders that are not checkouts and with files that are not records.
@Suite(.serialized) struct ReportTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

    private func makeCheckout() throws {
        try FileManager.default.createDirectory(atPath: "\(folder)/Chapters", withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: "\(folder)/Package.swift"))
    }

    @Test func aRunKeepsWhatAChapterPrints() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeCheckout()
        // The classifier needs features, which another chapter writes.
        let early = try Command.run("Report", ["run", "Chapter03TrainModel"], in: folder)
        #expect(early.isOneClearLine && early.status == 1)
        #expect(early.errors.contains("failed: output/features.hdf5 does not exist"), "\(early.errors)")

        let run = try Command.run("Report", ["run", "Chapter02AugmentationDemo"], in: folder)
        #expect(run.status == 0, "\(run.errors)")
        let kept = try ChapterRun(contentsOf: "\(folder)/report/outputs/Chapter02AugmentationDemo.json")
        #expect(kept.transcript.entries.contains { $0.text.contains("[INFO] generating images...") })
        #expect(kept.transcript.entries.contains { $0.picture == "image_montage.png" })
    }

    @Test func aRecordIsFiledOnceUnderItsOwnName() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeCheckout()
        let now = Date(timeIntervalSince1970: 1e9)
        let record = RunRecord(
            chapter: "Chapter11Train", experiment: .init(name: "book-1", epochs: 1, batchSize: 1, settings: [:]),
            network: .init(name: "deepergooglenet", parameters: 1, trainableParameters: 1),
            dataset: .init(
                name: "tiny-imagenet-200", classes: 20, trainingImages: 1, validationImages: 1, checksum: nil),
            seed: 7,
            stages: [
                .init(
                    commandLine: "", initialEpoch: 0, reachedEpoch: 1, started: now, ended: now,
                    machine: .init(
                        backend: "", threads: 1, processor: "", operatingSystem: "", compiler: "", gitCommit: nil,
                        isTreeClean: nil), peakMemory: nil)
            ], epochs: [.init(number: 1, seconds: 1, imagesPerSecond: nil, metrics: ["loss": 1])])
        try record.write(to: "\(folder)/x.run.json")
        try RunSamples().write(to: "\(folder)/x.samples.hdf5")

        let added = try Command.run("Report", ["add", "x.run.json"], in: folder)
        #expect(added.status == 0, "\(added.errors)")
        let run = "\(folder)/report/runs/deepergooglenet-tiny-imagenet-200-1-images-book-1-1-epochs-seed-7"
        #expect(try RunRecord(contentsOf: "\(run)/run.json") == record)
        #expect(FileManager.default.fileExists(atPath: "\(run)/samples.hdf5"))

        let again = try Command.run("Report", ["add", "x.run.json"], in: folder)
        #expect(again.isOneClearLine && again.errors.contains("already there"), "\(again.errors)")
        // The filed record itself gets a note, and keeps its samples.
        let note = ["add", "--overwrite", "--note", "beside a build", "\(run)/run.json"]
        #expect(try Command.run("Report", note, in: folder).status == 0)
        #expect(try RunRecord(contentsOf: "\(run)/run.json").note == "beside a build")
        #expect(FileManager.default.fileExists(atPath: "\(run)/samples.hdf5"))
        #expect(try Command.run("Report", ["add", "--overwrite", "x.run.json"], in: folder).status == 0)
    }

    @Test func mistakesAreOneClearLine() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func mistake(_ arguments: [String], _ message: String, environment: [String: String] = [:]) throws {
            let run = try Command.run("Report", arguments, in: folder, environment: environment)
            #expect(run.isOneClearLine && run.errors.contains(message), "\(arguments): \(run.errors)")
        }
        try mistake([], "root of the checkout")
        try mistake(["add", "x.run.json"], "root of the checkout")
        try makeCheckout()
        try mistake([], "cannot read ./report/prose/report.md")
        try mistake(["figure", "11.99"], "there is no figure \"11.99\"")
        try mistake(["add", "x.run.json"], "there is no run record at x.run.json")
        try mistake(["html"], "cannot read ./report/report.md")
        try FileManager.default.createDirectory(atPath: "\(folder)/report/chapters", withIntermediateDirectories: true)
        try Data("# The lecture\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/report/report.md"))
        try mistake(["slides", "Chapter99"], "there is no page \"Chapter99\"; report/chapters has the names")
        for command in [["html"], ["slides", "report"]] {
            try mistake(command, "apt-get install pandoc", environment: ["PATH": "/nowhere"])
        }
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/output"))
        try Data("[1]".utf8).write(to: URL(fileURLWithPath: "\(folder)/x.run.json"))
        try mistake(["add", "x.run.json"], "x.run.json is not a run record")
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/report/runs"))
    }
}
