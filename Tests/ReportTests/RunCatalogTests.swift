import Experiments
import Foundation
import PyImageSearch
import Runs
import Testing
@testable import Report

/// A run that ended this many days after the epoch of Unix time.
private func run(
    _ name: String, chapter: String = "Chapter11MiniGoogLeNet", experiment: String = "fast",
    dataset: String = "cifar10", classes: Int = 10, ended day: Double
) -> RunCatalog.Run {
    let machine = RunRecord.Machine(
        backend: "", threads: 1, processor: "", operatingSystem: "", compiler: "", gitCommit: nil, isTreeClean: nil)
    let ended = Date(timeIntervalSince1970: day * 86_400)
    let record = RunRecord(
        chapter: chapter, experiment: .init(name: experiment, epochs: 1, batchSize: 1, settings: [:]),
        network: .init(name: "", parameters: 1, trainableParameters: 1),
        dataset: .init(name: dataset, classes: classes, trainingImages: 1, validationImages: 1, checksum: nil), seed: 1,
        stages: [
            .init(
                commandLine: "", initialEpoch: 0, reachedEpoch: 1, started: ended, ended: ended, machine: machine,
                peakMemory: nil)
        ], epochs: [.init(number: 1, seconds: 1, imagesPerSecond: nil, metrics: ["loss": 1])])
    return RunCatalog.Run(name: name, record: record)
}

private func shapes(_ name: String, ended: Double) -> RunCatalog.Run {
    run(name, experiment: "3", dataset: "shapes10", ended: ended)
}

@Test func theNewestRunIsChosen() {
    let catalog = RunCatalog(runs: [shapes("z", ended: 1), shapes("a", ended: 3), shapes("m", ended: 2)])
    #expect(catalog.newest(.shapes10)?.name == "a")
}

@Test func onlyMatchingRunsAreChosen() throws {
    let decay = "Chapter11TrainDecay"
    let catalog = RunCatalog(runs: [
        shapes("shapes", ended: 9), run("third", experiment: "3", ended: 1),
        run("tiny", chapter: decay, experiment: "readme-3", dataset: "tiny-imagenet-200", classes: 200, ended: 1),
        run("tiny20", chapter: decay, experiment: "readme-3", dataset: "tiny-imagenet-200", classes: 20, ended: 5),
    ])
    #expect(try catalog.run(.shapes10).name == "shapes")
    #expect(catalog.newest(.twentyClasses)?.name == "tiny20")
    #expect(catalog.newest(.fast) == nil)
    // One epoch of one image is not the book's experiment, nor the README's.
    #expect(catalog.newest(WantedRun(.three)) == nil)
    #expect(catalog.newest(WantedRun(Experiments.tinyImageNetDecay[0])) == nil)
}

@Test func aMissingRunNamesItsCommandInOneLine() throws {
    let error = try #require(throws: MissingRun.self) { try RunCatalog(runs: []).run(.fast) }
    #expect(error.description.contains("swift run Chapter11MiniGoogLeNet --dataset cifar10 --experiment fast"))
    #expect(!error.description.contains("\n"))
}
