import Foundation
import Reporting
import Testing

@testable import Report

/// A run that ended so many days after the epoch.
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

@Test func theRunThatEndedLastIsTaken() {
    let catalog = RunCatalog(runs: [run("z", ended: 1), run("a", ended: 3), run("m", ended: 2)])
    #expect(catalog.newest(.cifar10("fast"))?.name == "a")
}

@Test func onlyRunsMadeAsWantedAreTaken() throws {
    let decay = "Chapter11TrainDecay"
    let catalog = RunCatalog(runs: [
        run("shapes", dataset: "shapes10", ended: 9), run("third", experiment: "3", ended: 1),
        run("tiny", chapter: decay, experiment: "readme-3", dataset: "tiny-imagenet-200", classes: 200, ended: 1),
        run("tiny20", chapter: decay, experiment: "readme-3", dataset: "tiny-imagenet-200", classes: 20, ended: 5),
    ])
    #expect(try catalog.run(.cifar10("3")).name == "third")
    #expect(catalog.newest(.cifar10("fast")) == nil)
    #expect(catalog.newest(.tinyImageNet("readme-3"))?.name == "tiny")
    #expect(catalog.newest(.tinyImageNet("book-1")) == nil)
    #expect(catalog.newest(.twentyClasses)?.name == "tiny20")
}

@Test func aMissingRunNamesItsCommandInOneLine() throws {
    let error = try #require(throws: MissingRun.self) { try RunCatalog(runs: []).run(.cifar10("fast")) }
    #expect(error.description.contains("swift run Chapter11MiniGoogLeNet --dataset cifar10 --experiment fast"))
    #expect(!error.description.contains("\n"))
}
